//! A local server with scripted answers, including faulty ones.
//!
//! Each connection has its own thread, and each request its own connection.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct TestServer {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
}

/// A request, as the server sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The part of the URL after the host.
    pub path: String,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The number of earlier requests for the path.
    pub times: usize,
}

impl Asked {
    /// The value of a header. `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }
}

/// An answer, and how the server sends it.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    manner: Manner,
}

#[derive(Clone, Copy, Debug)]
enum Manner {
    Whole,
    /// Closes the connection after this many bytes of the body.
    Truncated(usize),
    /// Resets the connection after this many bytes.
    Reset(usize),
    /// Stops sending after this many bytes.
    Silent(usize),
    /// Sends nothing.
    Silence,
    /// Closes the connection at once.
    None,
    /// Waits before each byte.
    Slow(Duration),
    /// Sends a start, then repeats a text with a pause before each repetition.
    Endless(&'static str, &'static str, Duration),
}

impl Reply {
    /// An answer with status 200.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Reply { status: 200, headers: Vec::new(), body: body.into(), manner: Manner::Whole }
    }

    /// An answer with another status and no body.
    pub fn status(status: u16) -> Self {
        Reply { status, ..Self::ok("") }
    }

    /// The content of a file from byte `first` on, for a client that resumes a download. The header
    /// claims a start that is `wrong` bytes later.
    pub fn part(file: &[u8], first: usize, wrong: usize) -> Self {
        let whole = file.len();
        match file.get(first..).filter(|rest| !rest.is_empty()) {
            Some(rest) => {
                let range = format!("bytes {}-{}/{whole}", first + wrong, whole - 1);
                Reply { status: 206, ..Self::ok(rest) }.header("content-range", range)
            }
            None => Self::status(416).header("content-range", format!("bytes */{whole}")),
        }
    }

    /// A redirect to another URL.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::status(302).header("location", location)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The length of the body in bytes.
    pub fn length(&self) -> usize {
        self.body.len()
    }

    /// Changes one byte of the body.
    #[must_use]
    pub fn corrupt(mut self, place: usize) -> Self {
        if let Some(byte) = self.body.get_mut(place) {
            *byte ^= 0xff;
        }
        self
    }

    /// Closes the connection after this many bytes of the body.
    #[must_use]
    pub fn truncated(self, after: usize) -> Self {
        Reply { manner: Manner::Truncated(after), ..self }
    }

    /// Resets the connection after this many bytes of the body.
    #[must_use]
    pub fn reset(self, after: usize) -> Self {
        Reply { manner: Manner::Reset(after), ..self }
    }

    /// Stops sending after this many bytes of the body, until the client disconnects.
    #[must_use]
    pub fn silent(self, after: usize) -> Self {
        Reply { manner: Manner::Silent(after), ..self }
    }

    /// Sends nothing until the client disconnects.
    pub fn silence() -> Self {
        Reply { manner: Manner::Silence, ..Self::ok("") }
    }

    /// Closes the connection at once.
    pub fn none() -> Self {
        Reply { manner: Manner::None, ..Self::ok("") }
    }

    /// Sends invalid bytes: a start, and then a repeated text, until the client disconnects.
    pub fn endless(start: &'static str, again: &'static str, pause: Duration) -> Self {
        Reply { manner: Manner::Endless(start, again, pause), ..Self::ok("") }
    }

    /// Waits before each byte of the body.
    #[must_use]
    pub fn slow(self, pause: Duration) -> Self {
        Reply { manner: Manner::Slow(pause), ..self }
    }
}

/// A certificate authority for servers.
#[derive(Debug)]
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A new certificate authority, which no client trusts yet.
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = must(KeyPair::generate());
        Authority(must(CertifiedIssuer::self_signed(params, key)))
    }

    /// Its certificate.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// The configuration with which a server can claim to be the host.
    fn server(&self, host: &str) -> Arc<ServerConfig> {
        let key = must(KeyPair::generate());
        let mut params = must(CertificateParams::new([host.to_owned()]));
        // OpenSSL treats a certificate as self-signed if its subject has the same name as its
        // issuer.
        params.distinguished_name.push(DnType::CommonName, host);
        let certificate = must(params.signed_by(&key, &self.0));
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            must(ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions())
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key);
        Arc::new(must(config))
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

type Script = dyn Fn(&Asked) -> Reply + Send + Sync;

/// How clients connect.
enum Security {
    /// Plain HTTP.
    None,
    /// HTTPS.
    Tls(Arc<ServerConfig>),
    /// Through a proxy. Behind it the server pretends to be any server, with certificates of the
    /// authority.
    Proxy(Arc<Authority>),
}

struct Shared {
    script: Box<Script>,
    security: Security,
    seen: Mutex<Vec<Asked>>,
    stopped: AtomicBool,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl TestServer {
    /// Starts a server that answers each request with the result of the script.
    pub fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(Box::new(script), Security::None)
    }

    /// Like [`start`](Self::start), over HTTPS, with a certificate for a host that an authority
    /// signs.
    pub fn start_tls(
        authority: &Authority,
        host: &str,
        script: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::serve(Box::new(script), Security::Tls(authority.server(host)))
    }

    /// Starts a proxy that replaces every server over HTTPS.
    pub fn start_proxy(
        authority: &Arc<Authority>,
        script: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::serve(Box::new(script), Security::Proxy(Arc::clone(authority)))
    }

    fn serve(script: Box<Script>, security: Security) -> Self {
        let listener = must(TcpListener::bind("127.0.0.1:0"));
        let address = must(listener.local_addr());
        let scheme = if matches!(security, Security::Tls(_)) { "https" } else { "http" };
        let shared =
            Arc::new(Shared { script, security, seen: Mutex::default(), stopped: AtomicBool::new(false) });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&of_thread);
                if shared.stopped.load(Ordering::Relaxed) {
                    return;
                }
                // Clients may disconnect at any time, so errors are ignored.
                thread::spawn(move || shared.connection(stream));
            }
        });
        TestServer { address, scheme, shared }
    }

    /// The URL of a path, which must start with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The address and the port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// All requests so far, in order.
    pub fn seen(&self) -> Vec<Asked> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes up the thread, which waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn connection(&self, mut stream: TcpStream) -> io::Result<()> {
        match &self.security {
            Security::None => self.answer(stream),
            Security::Tls(config) => self.answer_over_tls(config, stream),
            Security::Proxy(authority) => {
                let head = head(&mut stream)?;
                stream.read_exact(&mut [0])?;
                let host = head.strip_prefix("CONNECT ").and_then(|rest| rest.split_once(':'));
                let Some((host, _)) = host else { return stream.write_all(b"HTTP/1.1 405 \r\n\r\n") };
                stream.write_all(b"HTTP/1.1 200 \r\n\r\n")?;
                self.answer_over_tls(&authority.server(host), stream)
            }
        }
    }

    fn answer_over_tls(&self, config: &Arc<ServerConfig>, stream: TcpStream) -> io::Result<()> {
        let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        self.answer(&mut stream)?;
        stream.conn.send_close_notify();
        stream.flush()
    }

    fn answer(&self, mut stream: impl Read + Write) -> io::Result<()> {
        let asked = self.record(&head(&mut stream)?);
        let Reply { status, headers, body, manner } = (self.script)(&asked);
        if !matches!(manner, Manner::Reset(_)) {
            // If data is left unread, the system resets the connection when it is closed.
            stream.read_exact(&mut [0])?;
        }
        match manner {
            Manner::Silence => return wait_for_end(stream),
            Manner::None => return Ok(()),
            Manner::Endless(start, again, pause) => {
                stream.write_all(start.as_bytes())?;
                loop {
                    stream.write_all(again.as_bytes())?;
                    stream.flush()?;
                    thread::sleep(pause);
                }
            }
            _ => (),
        }
        let mut head = format!("HTTP/1.1 {status} \r\nconnection: close\r\n");
        if status != 304 {
            head += &format!("content-length: {}\r\n", body.len());
        }
        for (name, value) in &headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        match manner {
            Manner::Whole => stream.write_all(&body)?,
            Manner::Truncated(after) | Manner::Reset(after) => stream.write_all(start(&body, after))?,
            Manner::Silent(after) => {
                stream.write_all(start(&body, after))?;
                stream.flush()?;
                return wait_for_end(stream);
            }
            Manner::Silence | Manner::None | Manner::Endless(..) => (),
            Manner::Slow(pause) => {
                for byte in body {
                    thread::sleep(pause);
                    stream.write_all(&[byte])?;
                    stream.flush()?;
                }
            }
        }
        stream.flush()
    }

    fn record(&self, head: &str) -> Asked {
        let mut lines = head.lines();
        let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let headers = lines.filter_map(header).collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let times = seen.iter().filter(|earlier| earlier.path == path).count();
        let asked = Asked { path, headers, times };
        seen.push(asked.clone());
        asked
    }
}

/// Reads a request except its last byte.
fn head(stream: &mut impl Read) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn start(body: &[u8], length: usize) -> &[u8] {
    body.get(..length).unwrap_or(body)
}

fn wait_for_end(mut stream: impl Read) -> io::Result<()> {
    io::copy(&mut stream, &mut io::sink()).map(|_| ())
}

fn must<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the test server cannot be set up: {error:?}"),
    }
}
