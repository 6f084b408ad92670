//! Layers as Docker counts them: each together with those below it.

use super::digest::sha256;

/// The chain ids of an image's layers, the lowest first (OCI image-spec, `config.md`, "Layer `ChainID`").
pub(super) fn chain_ids(diff_ids: &[String]) -> Vec<String> {
    let mut chain: Vec<String> = Vec::with_capacity(diff_ids.len());
    for diff_id in diff_ids {
        let id = match chain.last() {
            Some(below) => sha256(format!("{below} {diff_id}").as_bytes()),
            None => diff_id.clone(),
        };
        chain.push(id);
    }
    chain
}

/// How many layers, from the lowest, two images have in common.
pub(super) fn shared(a: &[String], b: &[String]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_dockers() {
        // As dockerd names them when it removes an image of these layers.
        let diff_ids = [
            "sha256:e63347a8d9b65fd17db5621b3579bd22eeaff2b316861e13643f11e841cc5d1d",
            "sha256:df63aa9abc6559a8ef8d4960bb028ad73e0dee716ba3b07742f393360f29397e",
        ]
        .map(str::to_owned);
        let above = "sha256:c9f0ab151b78030772d519cad011bc20ebe76e7122bf5a5493d5e8de66a7bb84";
        assert_eq!(chain_ids(&diff_ids), [diff_ids[0].as_str(), above]);
        assert_eq!(chain_ids(&[]), Vec::<String>::new());
        assert_eq!(shared(&diff_ids, &diff_ids[..1]), 1);
        assert_eq!(shared(&diff_ids, &[diff_ids[1].clone()]), 0);
    }
}
