//! What labs show and bring along: their texts, scripts, Dockerfiles and Compose files.

use super::snippet::{Snippet, of_deck};
use crate::deck;
use protocol::instructor::Place;
use std::path::Path;

/// More than that in one lab is no text for learners: somebody has put a whole program there.
const MOST_FILES: usize = 500;

/// Folders within folders of a lab that are looked into.
const MOST_DEPTH: usize = 8;

/// What is in the labs' files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Labs {
    pub(crate) snippets: Vec<Snippet>,
    /// What couldn't be read, each with why.
    pub(crate) unread: Vec<String>,
}

/// Reads the labs in `folder`, one folder each. Where there is none there are no labs.
pub(crate) fn read(folder: &Path) -> Labs {
    let mut labs = Labs::default();
    let entries = match sorted(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return labs,
        Err(error) => {
            labs.unread.push(format!("{}: {error}", folder.display()));
            return labs;
        }
    };
    for lab in entries {
        // Links are not followed: they may lead anywhere.
        if std::fs::symlink_metadata(&lab).is_ok_and(|metadata| metadata.is_dir()) {
            let name = lab.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut files_left = MOST_FILES;
            labs.read_folder(&lab, &Place::Lab(name), MOST_DEPTH, &mut files_left);
        }
    }
    labs
}

impl Labs {
    fn read_folder(&mut self, folder: &Path, place: &Place, depth: usize, files_left: &mut usize) {
        let entries = match sorted(folder) {
            Ok(entries) => entries,
            Err(error) => return self.unread.push(format!("{}: {error}", folder.display())),
        };
        for path in entries {
            match std::fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() && depth == 0 => {
                    self.unread.push(format!("{}: more than {MOST_DEPTH} folders deep", path.display()));
                }
                Ok(metadata) if metadata.is_dir() => self.read_folder(&path, place, depth - 1, files_left),
                Ok(metadata) if metadata.is_file() => {
                    let Some(kind) = Kind::of(&path) else { continue };
                    if *files_left == 0 {
                        return self.unread.push(format!("{place}: only {MOST_FILES} of its files were read"));
                    }
                    *files_left -= 1;
                    self.read_file(&path, kind, place);
                }
                Ok(_) => {}
                Err(error) => self.unread.push(format!("{}: {error}", path.display())),
            }
        }
    }

    fn read_file(&mut self, path: &Path, kind: Kind, place: &Place) {
        let read = match kind {
            // Its fences are read as a deck's are.
            Kind::Markdown => deck::load(path, "").map(|text| {
                of_deck(&text).into_iter().map(|snippet| Snippet { place: place.clone(), ..snippet }).collect()
            }),
            Kind::Code(language) => deck::read_text(path)
                .map(|text| vec![Snippet::new(place.clone(), language, text.lines().map(str::to_owned).collect())]),
        };
        match read {
            Ok(snippets) => self.snippets.extend::<Vec<Snippet>>(snippets),
            Err(error) => self.unread.push(format!("{}: {error}", path.display())),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Markdown,
    /// As it would be fenced.
    Code(&'static str),
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        match extension {
            "md" => Some(Self::Markdown),
            "sh" | "bash" => Some(Self::Code("bash")),
            "yaml" | "yml" if stem.contains("compose") => Some(Self::Code("yaml")),
            _ if extension == "dockerfile" || stem == "dockerfile" || stem == "containerfile" => {
                Some(Self::Code("dockerfile"))
            }
            _ => None,
        }
    }
}

fn sorted(folder: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut paths = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::Scratch;
    use std::fs;

    #[test]
    fn texts_scripts_and_files_of_every_lab_are_read_and_nothing_that_a_link_leads_to() {
        let scratch = Scratch::new();
        let at = |name: &str| scratch.path().join("labs").join(name);
        fs::create_dir_all(at("01-start/files")).unwrap();
        fs::create_dir_all(at("02-build")).unwrap();
        fs::write(at("README.md"), "```bash\ndocker run readme\n```\n").unwrap();
        fs::write(at("01-start/LAB.md"), "---\ntitle: x\n---\n```bash norun\ndocker run debian\n```\n").unwrap();
        fs::write(at("01-start/check.sh"), "#!/bin/sh\ndocker run --rm \\\n  busybox true\n").unwrap();
        fs::write(at("01-start/files/compose.yaml"), "services:\n  a:\n    image: redis\n").unwrap();
        fs::write(at("02-build/Dockerfile.web"), "FROM nginx\n").unwrap();
        fs::write(at("02-build/bad.md"), b"\xff").unwrap();
        fs::write(at("02-build/data.bin"), b"\xff").unwrap();
        std::os::unix::fs::symlink(scratch.path(), at("03-link")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", at("02-build/passwd.md")).unwrap();

        let labs = read(&scratch.path().join("labs"));
        let found: Vec<String> = labs
            .snippets
            .iter()
            .map(|snippet| format!("{}, {}: {}", snippet.place, snippet.language, snippet.commands.join(";")))
            .collect();
        #[rustfmt::skip]
        assert_eq!(found, [
            "lab 01-start, bash: docker run debian",
            "lab 01-start, bash: docker run --rm busybox true",
            "lab 01-start, yaml: ",
            "lab 02-build, dockerfile: ",
        ]);
        assert_eq!(labs.unread.len(), 1, "{:?}", labs.unread);
        assert!(labs.unread[0].contains("bad.md"), "{:?}", labs.unread);
        assert_eq!(read(&scratch.path().join("none")), Labs::default());
    }
}
