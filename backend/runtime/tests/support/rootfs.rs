//! The smallest root file system that programs run in: busybox, and the directories that mounts go to.

use runtime::process::Rootfs;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

/// An image of one layer in a temporary directory, which goes away with it.
pub struct Image {
    directory: PathBuf,
}

const APPLETS: [&str; 30] = [
    "cat", "chmod", "cut", "dd", "echo", "env", "false", "grep", "head", "hostname", "id", "ip", "kill", "ls", "mkdir",
    "mknod", "mount", "ps", "pwd", "readlink", "seq", "sh", "sleep", "stty", "tail", "touch", "true", "tty", "unshare",
    "wc",
];

impl Image {
    pub fn new(name: &str) -> Self {
        let busybox = Path::new("/bin/busybox");
        assert!(busybox.exists(), "these tests need /bin/busybox: apt-get install busybox-static");
        let image = Self { directory: directory(name, rustix::process::getpid().as_raw_nonzero().get()) };
        let layer = image.layer();
        for part in ["bin", "etc", "proc", "sys", "dev", "tmp", "root"] {
            fs::create_dir_all(layer.join(part)).unwrap();
        }
        fs::set_permissions(layer.join("tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
        fs::set_permissions(layer.join("root"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::copy(busybox, layer.join("bin/busybox")).unwrap();
        for applet in APPLETS {
            symlink("busybox", layer.join("bin").join(applet)).unwrap();
        }
        fs::write(layer.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
            .unwrap();
        fs::write(layer.join("etc/group"), "root:x:0:\nnogroup:x:65534:\n").unwrap();
        image
    }

    pub fn layer(&self) -> PathBuf {
        self.directory.join("layer")
    }

    /// A root file system with a new upper directory, for the host whose ids begin at `id_base`.
    pub fn rootfs(&self, name: &str, id_base: u32) -> Rootfs {
        let (upper, work) = (self.directory.join(name).join("upper"), self.directory.join(name).join("work"));
        for directory in [&upper, &work] {
            fs::create_dir_all(directory).unwrap();
            chown(directory, Some(id_base), Some(id_base)).unwrap();
        }
        Rootfs::Overlay { lower: vec![self.layer()], upper, work }
    }

    pub fn upper(&self, name: &str) -> PathBuf {
        self.directory.join(name).join("upper")
    }
}

/// Where the image of a test's keeper is.
pub fn directory(test: &str, keeper: i32) -> PathBuf {
    std::env::temp_dir().join(format!("lernhafen-test-{test}-{keeper}"))
}

impl Drop for Image {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.directory).unwrap();
    }
}
