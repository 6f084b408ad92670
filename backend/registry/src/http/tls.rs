//! Whom we believe to be who they are.

use super::Origin;
use crate::{Error, Result};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The authorities of the machine and of the configuration; anybody for loopback names, as Docker has it.
pub(crate) struct Tls {
    authorities: Vec<CertificateDer<'static>>,
    /// Read at the first use: there are some hundred certificates, and a server that starts need not wait for them.
    strict: OnceLock<Arc<ClientConfig>>,
    loopback: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    /// `authorities`: certificates in PEM. Errors: it is nothing of that kind.
    pub(crate) fn new(authorities: &[u8]) -> Result<Self> {
        let wrong = |e: &dyn fmt::Display| Error::Invalid(format!("the certificates of registries' authorities: {e}"));
        let authorities =
            CertificateDer::pem_slice_iter(authorities).collect::<Result<Vec<_>, _>>().map_err(|e| wrong(&e))?;
        let mut store = RootCertStore::empty();
        for authority in &authorities {
            store.add(authority.clone()).map_err(|e| wrong(&e))?;
        }
        Ok(Self { authorities, strict: OnceLock::new(), loopback: OnceLock::new() })
    }

    pub(crate) fn config(&self, origin: &Origin) -> Result<Arc<ClientConfig>, rustls::Error> {
        let cell = if origin.is_loopback() { &self.loopback } else { &self.strict };
        if let Some(config) = cell.get() {
            return Ok(Arc::clone(config));
        }
        let provider = Arc::new(ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let mut config = if origin.is_loopback() {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))).with_no_client_auth()
        } else {
            builder.with_root_certificates(self.roots()).with_no_client_auth()
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::clone(cell.get_or_init(|| Arc::new(config))))
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "some of the machine's certificate authorities can't be read");
        }
        roots.add_parsable_certificates(found.certs);
        roots.add_parsable_certificates(self.authorities.iter().cloned());
        if roots.is_empty() {
            tracing::warn!(
                "no certificate authorities are installed (Debian: ca-certificates): no registry is trusted"
            );
        }
        roots
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("authorities", &self.authorities.len()).finish_non_exhaustive()
    }
}

/// Takes any certificate, for names that never leave the machine.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused() {
        assert!(Tls::new(b"").is_ok());
        let broken = b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        assert!(matches!(Tls::new(broken), Err(Error::Invalid(_))));
        assert!(matches!(Tls::new(b"-----BEGIN CERTIFICATE-----\n"), Err(Error::Invalid(_))));
    }
}
