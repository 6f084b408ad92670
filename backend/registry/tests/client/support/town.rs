//! A network of the tests' own, where every name leads to a server on loopback, and certificates for it.

use super::Server;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use registry::{Dial, DialError, Dialing, Stream};
use rustls::pki_types::PrivateKeyDer;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// Names with ports, and where they lead.
#[derive(Debug, Default)]
pub(crate) struct Town {
    addresses: HashMap<String, SocketAddr>,
    dialed: Arc<Mutex<Vec<String>>>,
}

impl Town {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// `name`: with the port.
    pub(crate) fn with(self, name: &str, server: &Server) -> Self {
        self.with_address(name, server.address)
    }

    pub(crate) fn with_address(mut self, name: &str, address: SocketAddr) -> Self {
        self.addresses.insert(name.to_owned(), address);
        self
    }

    /// What was dialed, with ports.
    pub(crate) fn dialed(&self) -> Arc<Mutex<Vec<String>>> {
        Arc::clone(&self.dialed)
    }
}

impl Dial for Town {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        Box::pin(async move {
            let name = format!("{host}:{port}");
            self.dialed.lock().unwrap().push(name.clone());
            let Some(address) = self.addresses.get(&name) else {
                let reason = "no such host".to_owned();
                return Err(DialError::Lookup { host: host.to_owned(), reason }.into());
            };
            Ok(Box::new(TcpStream::connect(address).await?) as Box<dyn Stream>)
        })
    }
}

/// An authority of the tests' own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// What a server with this name speaks TLS with.
    pub(crate) fn vouch_for(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}
