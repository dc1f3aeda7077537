//! The trusted certificate authorities: those of the platform, and those that the user adds.
//!
//! The TLS configuration is built here and passed on as a whole, so that no cryptography provider
//! has to be installed for the entire process.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;
use vet_diagnostics::{Code, Diagnostic};
use vet_project::regular_file::read_file;

use super::settings::CaFile;

pub(super) fn configuration(ca_files: &[CaFile]) -> Result<ClientConfig, Diagnostic> {
    let mut extra = Vec::new();
    for file in ca_files {
        extra.extend(certificates(file)?);
    }
    let unusable = |error: rustls::Error| {
        let mut problem = Diagnostic::error(Code::Tls, "no certificates to verify servers with")
            .note(error.to_string())
            .help(
                "install the system's certificates (often a package named `ca-certificates`), or set `http.cainfo` in cargo's configuration to a file with certificates",
            );
        problem.notes.extend(ca_files.iter().map(CaFile::shown));
        problem
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(unusable)?;
    let mut configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(configuration)
}

/// All certificates in a file. A file without certificates is an error.
fn certificates(file: &CaFile) -> Result<Vec<CertificateDer<'static>>, Diagnostic> {
    let problem = |what: &str, note: Option<String>| {
        let mut problem = Diagnostic::error(Code::Tls, format!("{} {what}", file.shown()));
        problem.notes.extend(note);
        problem.help("name a file with certificates in PEM format, or remove the setting")
    };
    let bytes = read_file(&file.path).map_err(|error| problem("cannot be read", Some(error.to_string())))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.map_err(|error| problem("cannot be understood", Some(error.to_string())))?;
    if found.is_empty() {
        return Err(problem("contains no certificate", None));
    }
    Ok(found)
}
