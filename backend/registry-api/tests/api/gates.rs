//! Who may do what.

use crate::side::{MANIFEST, Side, manifest};
use engine::repository::RegistryLimits;
use registry_api::{Gate, Password};

#[tokio::test]
async fn without_the_password_there_is_nothing() {
    let limits = RegistryLimits::with_bytes(1 << 30);
    let side = Side::with(limits, Gate::Password(Password::new("korrekt pferd")));
    // "ada:korrekt pferd", "ada:falsch", no colon, no base64
    for wrong in ["", "Basic YWRhOmZhbHNjaA==", "Basic YWRh", "Basic ?", "Bearer x", "Basic"] {
        let headers = [("authorization", wrong)];
        let refused = side.send("GET /v2/", if wrong.is_empty() { &[] } else { &headers }, "").await;
        refused.is(401, "UNAUTHORIZED");
        assert!(refused.header("www-authenticate").starts_with("Basic realm="));
    }
    let right = [("authorization", "Basic YWRhOmtvcnJla3QgcGZlcmQ=")];
    assert_eq!(side.send("GET /v2/", &right, "").await.status, 200);
    assert_eq!(side.send("POST /v2/library/a/blobs/uploads/", &right, "").await.status, 202);
    side.send("POST /v2/library/a/blobs/uploads/", &[], "").await.is(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn learners_only_read_what_is_the_instructors() {
    let side = Side::with(RegistryLimits::with_bytes(1 << 30), Gate::Learners);
    side.send("POST /v2/library/web/blobs/uploads/", &[], "").await.is(403, "DENIED");
    side.put("library/web", "1", MANIFEST, &manifest(b"{}", &[])).await.is(403, "DENIED");
    side.send("DELETE /v2/library/web/manifests/1", &[], "").await.is(403, "DENIED");
    side.get("/v2/library/web/manifests/1").await.is(404, "NAME_UNKNOWN");
    side.image("libraryofada/web", "1", "x").await;
}
