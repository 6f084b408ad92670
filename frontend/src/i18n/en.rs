//! English.

use super::{Texts, instructor, runs};
use protocol::message::Ended;

pub(super) static EN: Texts = Texts {
    code: "en",
    decimal_point: '.',

    loading: "Loading the workshop …",
    retry: "Try again",
    start_title: "Learn containers by running them.",
    start_lead: "You are about to get a Docker host of your own. You can try anything and break nothing.",
    session_ended: "Your session has ended. Join again with your name.",
    your_name: "What is your name?",
    name_hint: "A first name or nickname will do, at most 40 characters.",
    enter: "Open the workshop",
    entering: "Opening …",
    preview_label: "What awaits you",
    preview_slide: "Interactive containers",
    preview_legend: [
        ("The slide", "explains, and has a button that runs each command."),
        ("The terminal", "is yours. You type here, with the real docker."),
        ("The harbour", "shows which containers you have and what they do."),
    ],

    unreachable: "The server can't be reached. Check your connection and try again.",
    bad_name: "This name doesn't work. Take 1 to 40 characters, without control characters.",
    no_session: "Your session has ended. Reload the page and join again.",
    not_instructor: "This is not the instructor's key. Take the link that the server showed at its last start.",
    bad_message: "The server didn't understand the page. Reload it; your containers stay.",
    foreign_origin: "The server takes requests from its own address only. Open the page at the address that you were given.",
    not_found: "The server doesn't have that. Reload the page.",
    too_large: "That was too much at once. Try with less.",
    not_runnable: "This line can't be run. Type the command into the terminal yourself.",
    host_failed: "Your Docker host can't be started just now. Try again; if that doesn't help, set it up anew.",
    full: "The workshop is full. Wait a moment, or tell the instructor.",
    internal: "Something went wrong on the server. Try again; if that doesn't help, tell the instructor.",
    no_shell: "No shell starts in your workstation any more: its programs have been deleted. Set up your host anew, and everything is back. Your slide stays.",
    no_container: "This container is gone.",
    container_refused: "This can't be done now: the container's state has changed meanwhile.",
    not_sent: "The line is down just now, the command wasn't typed. Try again in a moment.",

    top_bar: "Workshop",
    slides: "Slides",
    previous: "Back",
    next: "Next",
    contents: "All slides",
    online: |name| format!("Connected as {name}"),
    connecting: "Connecting …",
    reconnecting: |attempts| match attempts {
        1 => "Reconnecting …".to_owned(),
        more => format!("Reconnecting, attempt {more} …"),
    },
    reconnect_now: "Now",
    ended: "Ended",
    language: "Language",
    theme: "Appearance",
    theme_system: "As the system",
    theme_light: "Light",
    theme_dark: "Dark",
    help: "Help",
    help_hint: "Help (?)",
    close: "Close",
    views: "View",
    divider: "Width of slide and terminal",

    deck_label: "Slide",
    slide: "Slide",
    untitled: "Untitled",
    slide_announcement: |at, of, title| format!("Slide {at} of {of}: {title}"),
    step_of: |step, of| match step {
        0 => format!("{of} steps"),
        step => format!("Step {step} of {of}"),
    },
    steps_hint: "Next or the space bar shows the first step.",
    back: "Back",
    onward: "Next",
    run: |line| format!("Run in the terminal: {line}"),
    run_hint: "Run in the terminal",
    copy: "Copy",
    copied: "Copied",

    terminal: "Terminal",
    terminals: "Terminals",
    new_terminal: "New terminal",
    close_terminal: |name| format!("Close terminal {name}"),
    restart_terminal: "Restart the terminal",
    still_running: "Something still runs in the terminal",
    still_running_lost: "It will be ended. Your containers keep running.",
    end_it: "Close the terminal",
    restart_it: "Restart the terminal",
    cancel: "Cancel",
    terminal_label: "Terminal. F6 leads out.",
    typed: |line| format!("Typed: {line}"),
    screen_reader: "Read output aloud",
    smaller: "Smaller type",
    larger: "Larger type",
    connecting_long: "Fetching your Docker host …",
    reconnecting_long: "The line is down. Your containers go on running. The terminal takes nothing until it is back.",
    reconnecting_unsure: "The line is down. Your containers go on running. What you typed last may not have arrived; until the line is back the terminal takes nothing.",
    new_shell: "The shell has ended. Here a new one begins.",
    size_of_another: "Size of another window",
    size_of_another_hint: "Type here, and the terminal has the size of this window again.",
    keys: "Keys",
    ctrl: "Ctrl",
    paste: "Paste",

    my_host: "My host",
    reset_host: "Set up my host anew",
    reset_it: "Set up anew",
    resetting: "Setting up …",
    reset_kept: "You will have a fresh host. Your session, your name and the slide stay.",
    leave: "Leave the workshop",
    leave_it: "Leave",
    leaving: "Leaving …",
    leave_kept: "Your place becomes free. You can join again with your name, and then begin from the start.",
    left: "You have left the workshop, your place is free.",
    lost: "This will be lost:",
    lost_all: "all containers, images of your own and files on your host",
    lost_containers: |count| if count == 1 { "1 container".to_owned() } else { format!("{count} containers") },
    lost_images: |count| {
        if count == 1 { "1 image of your own".to_owned() } else { format!("{count} images of your own") }
    },
    lost_files: "all files that you have made or changed in your workstation",
    out_of_memory: |ended| {
        match ended {
        Ended::Container(name) => {
            format!("The memory of your host was full: the container {name} needed most and was ended (137). Everything else keeps running.")
        }
        Ended::InContainer(name) => {
            format!("The container {name} needed more memory than it may have: a process in it was ended (137).")
        }
        Ended::Process(command) => {
            format!("The memory of your host was full: {command} needed most and was ended (137). Everything else keeps running.")
        }
        Ended::Shell => {
            "The memory of your host was full: a shell was ended, and a new one begins there. Your containers keep running.".to_owned()
        }
    }
    },
    host_ended: "Your Docker host has ended and is starting again. Your files are still there, your containers are stopped.",
    host_reset: "Your Docker host was set up anew.",

    pier: "Harbour",
    pier_label: "Harbour: your containers",
    pier_waiting: "Your containers will be here in a moment.",
    pier_empty: "No container in the harbour yet. Start one:",
    created: "created",
    running: "running",
    paused: "paused",
    restarting: "about to restart",
    exited: "exited",
    container_count: |count| if count == 1 { "1 container".to_owned() } else { format!("{count} containers") },
    image_count: |count| if count == 1 { "1 image".to_owned() } else { format!("{count} images") },
    containers: "Containers",
    images: "Images",
    no_images: "No image here yet.",
    limits: "Limits of your host",
    name: "Name",
    state: "State",
    command: "Command",
    address: "Address",
    actions: "Actions",
    stop: "Stop",
    stopping: "stopping …",
    kill: "Force to end",
    killing: "ending …",
    remove: "Remove",
    removing: "removing …",
    remove_container: "Remove the container",
    remove_lost: |name| format!("{name} and everything that was written in it will be lost. The image stays."),
    memory: "Memory",
    cpus: "CPUs",
    processes: "Processes",

    instructor: instructor::EN,
    runs: runs::EN,

    key_map: &[
        (
            "On the slide",
            &[
                ("Space PgDn N", "next, step by step"),
                ("Shift+Space PgUp P", "back"),
                ("→ ←", "next and previous chapter"),
                ("↓ ↑", "forward and back within the chapter"),
                ("Home End", "first and last slide"),
                ("O Esc", "all slides"),
                ("?", "this help"),
            ],
        ),
        (
            "Everywhere",
            &[
                ("F6 Shift+F6", "to the next, to the previous area; also out of the terminal"),
                ("Ctrl+Alt+→ Ctrl+Alt+←", "next and back, also in the terminal"),
                ("PgDn PgUp", "next and back, also in the terminal unless a program fills it"),
                ("Ctrl+Alt+PgDn Ctrl+Alt+PgUp", "to the next, to the previous terminal"),
            ],
        ),
        (
            "In the terminal",
            &[
                ("Ctrl+V Shift+Ins", "paste"),
                ("Ctrl+C", "copy if something is selected, else interrupt"),
                ("Ctrl+Shift+C", "copy"),
                ("Shift+PgUp Shift+PgDn", "show what was further up"),
            ],
        ),
        ("On the divider", &[("← → ↑ ↓", "move it")]),
        ("With a finger", &[("Swipe", "next and back on the slide")]),
    ],
};
