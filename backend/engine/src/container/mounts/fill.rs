//! What the image has where a volume is mounted is copied into it, if that is empty. Helpers of the keeper's touch the files.

use crate::container::Container;
use crate::host::VirtualHost;
use crate::volume::Begun;
use crate::{Error, Result};
use runtime::failure::FailureKind;
use runtime::files::protocol::Wish;
use runtime::keeper::protocol::{Files, WORKSTATION};
use runtime::process::{Access, Bind, Rootfs};

impl VirtualHost {
    /// Fills the volumes of a container that doesn't exist for anybody yet.
    ///
    /// # Errors
    /// The image has a file there; the disk is full.
    pub(crate) async fn fill_volumes(&self, container: &Container, begun: &[Begun]) -> Result<()> {
        for point in container.volumes().filter(|point| point.copy) {
            let Some(source) = self.volume_to_fill(&point.name, begun)? else { continue };
            let _one_at_a_time = self.kinds.volumes.filling.lock().await;
            let target = point.target.clone().into();
            let binds = vec![Bind { target, source, access: Access::ReadWrite, recursive: false }];
            let rootfs = self.rootfs_in_keeper(container)?;
            let wish = Wish::Populate { path: point.target.clone() };
            let files = Files { container: container.id.to_string(), rootfs, mounts: Vec::new(), binds, wish };
            self.ask_files(files).await?;
        }
        Ok(())
    }

    /// # Errors
    /// The workstation has nothing there, links followed.
    pub(crate) async fn check_source(&self, path: &str) -> Result<()> {
        self.check_volumes_known()?;
        let files = Files {
            container: WORKSTATION.to_owned(),
            rootfs: Rootfs::Empty,
            mounts: Vec::new(),
            binds: Vec::new(),
            wish: Wish::Find { path: path.to_owned() },
        };
        self.ask_files(files).await.map_err(|failure| match failure.kind {
            FailureKind::NotFound => Error::invalid(format!(
                "invalid mount config for type \"bind\": bind source path does not exist: {path}"
            )),
            _ => failure.into(),
        })
    }
}
