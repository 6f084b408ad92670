//! From what was asked for to mount points, with the volumes that they need.

use super::{Mount, MountKind, MountPoint, mode, raw, typed};
use crate::container::ContainerSpec;
use crate::container::create::clean;
use crate::host::VirtualHost;
use crate::store::Set;
use crate::volume::{Begun, NewVolume};
use crate::{Error, ErrorKind, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of all paths of a container's mounts: they are told a keeper in one packet.
const MOST_BYTES: usize = 48 * 1024;

/// Docker's words for "as SELinux wants it", which it notes of volumes where nobody says anything.
const SHARED: &str = "z";

/// What a container gets.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// By target.
    pub(crate) points: Vec<MountPoint>,
    /// Volumes that are there once they are finished.
    pub(crate) begun: Vec<Begun>,
}

/// Mount points as they come together, the later ones in the place of the earlier.
#[derive(Debug, Default)]
struct Gathered {
    points: BTreeMap<String, MountPoint>,
    /// Targets that were asked for by `-v` and `--mount`.
    explicit: BTreeSet<String>,
    begun: Vec<Begun>,
}

impl VirtualHost {
    /// What comes of what was asked for, and of the image's `VOLUME`. The caller keeps those away who remove volumes, until it has
    /// written the container down.
    pub(crate) async fn resolve_mounts(&self, spec: &ContainerSpec, image: Option<&Set>) -> Result<Resolved> {
        let asked = &spec.mounts;
        let mut gathered = Gathered::default();
        for from in &asked.from {
            gathered.points.extend(self.points_from(from)?);
        }
        for bind in &asked.binds {
            let mut point = raw::point(bind)?;
            if gathered.explicit.contains(&point.target) || spec.surroundings.tmpfs.contains_key(&point.target) {
                return Err(duplicate(&point.target));
            }
            if point.kind == MountKind::Volume {
                let new = NewVolume { driver: asked.driver.clone(), ..NewVolume::default() };
                self.give_volume(&mut point, new, &mut gathered.begun).await?;
            }
            gathered.add(point);
        }
        for mount in &asked.typed {
            let mut point = typed::point(mount)?;
            if gathered.explicit.contains(&point.target) {
                return Err(duplicate(&mount.target));
            }
            match point.kind {
                MountKind::Volume => self.give_volume(&mut point, new_volume(mount), &mut gathered.begun).await?,
                MountKind::Bind if !point.make => self.check_source(&point.source).await?,
                MountKind::Bind | MountKind::Tmpfs => {}
            }
            gathered.add(point);
        }
        let images = image.into_iter().flat_map(|volumes| volumes.keys());
        for path in asked.anonymous.iter().chain(images) {
            let target = clean(&format!("/{path}"));
            if target == "/" {
                return Err(Error::invalid("invalid specification: destination can't be '/'"));
            }
            if gathered.points.contains_key(&target) {
                continue;
            }
            let mut point = MountPoint { anonymous: true, copy: true, ..MountPoint::new(MountKind::Volume, target) };
            let new = NewVolume { driver: asked.driver.clone(), ..NewVolume::default() };
            self.give_volume(&mut point, new, &mut gathered.begun).await?;
            // Docker notes it of those only that were asked for.
            point.mode.clear();
            gathered.add(point);
        }
        gathered.check()
    }

    /// The volume of a mount point, which is begun if there is none.
    async fn give_volume(&self, point: &mut MountPoint, new: NewVolume, begun: &mut Vec<Begun>) -> Result<()> {
        if point.mode.is_empty() {
            SHARED.clone_into(&mut point.mode);
        }
        // Twice in one container.
        if begun.iter().any(|begun| begun.name() == point.name) {
            return Ok(());
        }
        let (volume, new) = self.begin_volume(NewVolume { name: point.name.clone(), ..new }).await?;
        point.name = volume.name;
        begun.extend(new);
        Ok(())
    }

    /// `--volumes-from`: what another container has, never with more rights.
    fn points_from(&self, from: &str) -> Result<Vec<(String, MountPoint)>> {
        if from.is_empty() {
            return Err(Error::invalid("volumes-from specification cannot be an empty string"));
        }
        let (name, words) = from.split_once(':').unwrap_or((from, ""));
        if !mode::is_valid(words) || mode::propagation(words).is_some() || mode::is_nocopy(words) {
            return Err(Error::invalid(format!("invalid mode: {words}")));
        }
        // Not 404, on which the CLI would try to pull the image.
        let other = self.container(name).map_err(|error| match error.kind {
            ErrorKind::NotFound => Error::invalid(error.message),
            _ => error,
        })?;
        let taken = |point: &MountPoint| {
            let writable = point.writable && mode::is_writable(words);
            (point.target.clone(), MountPoint { writable, copy: false, mode: String::new(), ..point.clone() })
        };
        Ok(other.mounts.iter().map(taken).collect())
    }
}

impl Gathered {
    fn add(&mut self, point: MountPoint) {
        self.explicit.insert(point.target.clone());
        self.points.insert(point.target.clone(), point);
    }

    fn check(self) -> Result<Resolved> {
        let length = |point: &MountPoint| {
            [&point.target, &point.source, &point.name, &point.subpath]
                .iter()
                .map(|text| text.len() + 100)
                .sum::<usize>()
        };
        if self.points.values().map(length).sum::<usize>() > MOST_BYTES {
            return Err(Error::invalid(format!(
                "{} mounts are too many for one container, or have too long names: together {MOST_BYTES} bytes are possible",
                self.points.len()
            )));
        }
        Ok(Resolved { points: self.points.into_values().collect(), begun: self.begun })
    }
}

fn new_volume(mount: &Mount) -> NewVolume {
    let options = mount.volume.clone().unwrap_or_default();
    let driver = options.driver.unwrap_or_default();
    NewVolume { name: String::new(), driver: driver.name, options: driver.options, labels: options.labels }
}

fn duplicate(target: &str) -> Error {
    Error::invalid(format!("Duplicate mount point: {target}"))
}
