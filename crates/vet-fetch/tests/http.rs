//! Requests to a server on this machine, which also misbehaves.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use std::cell::RefCell;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use vet_diagnostics::{Code, Diagnostic};
use vet_fetch::cache::Cache;
use vet_fetch::http::{Body, CaFile, Client, FetchEvent, Fetched, HttpSettings, Patience, Request};
use vet_project::Token;
use vet_testing::{Asked, Authority, Reply, TestServer};

const LARGEST: u64 = 1000;

/// Settings for a client with short pauses that uses nothing of the real machine, except an
/// authority in a folder.
fn settings(folder: &Path, authority: &Authority) -> HttpSettings {
    let path = folder.join("authority.pem");
    fs::write(&path, authority.pem()).unwrap();
    HttpSettings {
        ca_files: vec![CaFile { path, named_by: "a test" }],
        patience: Patience {
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(3),
            ..Patience::default()
        },
        ..HttpSettings::new()
    }
}

/// A client with changed settings.
fn client(change: impl FnOnce(&mut HttpSettings)) -> Client {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path(), &Authority::new());
    change(&mut settings);
    Client::new(settings).unwrap()
}

fn fetch(client: &Client, request: &Request) -> Result<Fetched, Diagnostic> {
    client.fetch_one(request, &|_| {})
}

/// An answer on one line: the content, or code, message and notes.
fn line(answer: &Result<Fetched, Diagnostic>, server: &TestServer) -> String {
    let line = match answer {
        Ok(Fetched { body: Body::Text(text), .. }) => text.clone(),
        Ok(Fetched { body: Body::Bytes(bytes), .. }) => format!("{bytes:?}"),
        Ok(Fetched { body: Body::Absent, .. }) => "absent".to_owned(),
        Err(problem) => {
            assert!(problem.help.is_some(), "{problem:?}");
            let notes: Vec<&str> = problem.notes.iter().map(String::as_str).collect();
            [&[&*problem.code.to_string(), &*problem.message], &notes[..]].concat().join(" | ")
        }
    };
    line.replace(&server.host(), "HOST")
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Each path of the server behaves differently.
fn script(asked: &Asked) -> Reply {
    let path = asked.path.as_str();
    match path.split(['?', '/']).nth(1).unwrap_or_default() {
        "plain" => Reply::ok("text\n"),
        "gzip" => Reply::ok(gzip(b"packed")).header("content-encoding", "gzip"),
        "gzip-bomb" => Reply::ok(gzip(&[b'a'; 100_000])).header("content-encoding", "gzip"),
        "gzip-broken" => Reply::ok("no gzip").header("content-encoding", "gzip"),
        "gitiles" => Reply::ok("Y\nWJ\njZA==\n").header("x-gitiles-object-type", "blob"),
        "gitiles-broken" => Reply::ok("YWJj!A==").header("x-gitiles-object-type", "blob"),
        "gitiles-cut" => Reply::ok("YWJjZA=").header("x-gitiles-object-type", "blob"),
        "gitiles-large" => Reply::ok("YWJj".repeat(334)).header("x-gitiles-object-type", "blob"),
        "just-fits" => Reply::ok(vec![b'x'; LARGEST as usize]),
        "large" => Reply::ok(vec![b'x'; LARGEST as usize + 1]),
        "latin" => Reply::ok(b"caf\xe9".as_slice()),
        "user" => Reply::ok(asked.header("authorization").unwrap_or("anonymous")),
        "agent" => {
            Reply::ok(asked.header("user-agent").unwrap_or("anonymous").replace(char::is_numeric, "0"))
        }
        "packings" => {
            let mut packings: Vec<&str> =
                asked.header("accept-encoding").unwrap_or("none").split(',').map(str::trim).collect();
            packings.sort();
            Reply::ok(packings.join(" "))
        }
        "truncated" => Reply::ok("0123456789").truncated(4),
        "truncated-once" if asked.times == 0 => Reply::ok("0123456789").truncated(4),
        "reset-once" if asked.times == 0 => Reply::ok("0123456789").reset(4),
        "closed-once" if asked.times == 0 => Reply::none(),
        "503-twice" if asked.times < 2 => Reply::status(503),
        "408-once" if asked.times < 1 => Reply::status(408),
        "429-once" if asked.times < 1 => Reply::status(429).header("retry-after", "3600"),
        "redirect" => Reply::redirect("../plain"),
        "redirect-user" => Reply::redirect("/user"),
        "redirect-elsewhere" => Reply::redirect("http://user:secret@example.org/x"),
        "redirect-file" => Reply::redirect("file:///etc/hostname"),
        "redirect-nowhere" => Reply::status(302),
        "redirect-loop" => Reply::redirect("/redirect-loop"),
        "redirects" => match path.len() {
            length if length < "/redirects".len() + 10 => Reply::redirect(format!("{path}x")),
            _ => Reply::ok("at last"),
        },
        "status" => Reply::status(path.trim_start_matches("/status/").parse().unwrap()),
        _ => Reply::ok("at last"),
    }
}

#[test]
fn what_servers_say() {
    let server = TestServer::start(script);
    let client = client(|_| {});
    for (path, expected) in [
        ("/plain", "text\n"),
        ("/gzip", "packed"),
        ("/gitiles", "abcd"),
        ("/agent", "cargo-vet/0.0.0"),
        ("/packings", "br gzip zstd"),
        ("/user", "anonymous"),
        ("/redirect/x", "text\n"),
        ("/redirects", "at last"),
        ("/truncated-once", "at last"),
        ("/reset-once", "at last"),
        ("/closed-once", "at last"),
        ("/503-twice", "at last"),
        ("/408-once", "at last"),
        ("/429-once", "at last"),
        (
            "/latin",
            "VET0706 | the text of `http://HOST/latin` is not UTF-8 | incomplete utf-8 byte sequence from index 3",
        ),
        ("/large", "VET0704 | the response of `http://HOST/large` is larger than 1000 bytes"),
        ("/gzip-bomb", "VET0704 | the response of `http://HOST/gzip-bomb` is larger than 1000 bytes"),
        ("/gitiles-large", "VET0704 | the response of `http://HOST/gitiles-large` is larger than 1000 bytes"),
        (
            "/gitiles-broken",
            "VET0706 | the response of `http://HOST/gitiles-broken` is not valid base64 | Invalid symbol 33, offset 4. | \
             according to the header `x-gitiles-object-type`, it is base64",
        ),
        (
            "/redirect-elsewhere",
            "VET0703 | `http://example.org/x` is not HTTPS | an attacker on the network could change the answer | \
             `http://HOST/redirect-elsewhere` redirects there",
        ),
        (
            "/redirect-file",
            "VET0703 | `file:///etc/hostname` cannot be fetched: `file` is not supported | \
             `http://HOST/redirect-file` redirects there",
        ),
        (
            "/redirect-loop",
            "VET0703 | `http://HOST/redirect-loop` redirects more than 10 times | \
             the last redirect is to `http://HOST/redirect-loop`",
        ),
        ("/redirect-nowhere", "VET0702 | `http://HOST/redirect-nowhere` answered with status 302 Found"),
        ("/status/304", "VET0702 | `http://HOST/status/304` answered with status 304 Not Modified"),
        ("/status/204", "VET0702 | `http://HOST/status/204` answered with status 204 No Content"),
        ("/status/404", "VET0702 | `http://HOST/status/404` answered with status 404 Not Found"),
        ("/status/401", "VET0702 | `http://HOST/status/401` answered with status 401 Unauthorized"),
        (
            "/status/500",
            "VET0702 | `http://HOST/status/500` answered with status 500 Internal Server Error | 4 attempts failed",
        ),
    ] {
        let answer = fetch(&client, &Request::text(server.url(path), LARGEST));
        assert_eq!(line(&answer, &server), expected, "{path}");
    }
    for (path, start) in [
        ("/truncated", "VET0706 | the response of `http://HOST/truncated` is incomplete | "),
        ("/gzip-broken", "VET0706 | the response of `http://HOST/gzip-broken` is incomplete | "),
        ("/gitiles-cut", "VET0706 | the response of `http://HOST/gitiles-cut` is not valid base64 | "),
    ] {
        let answer = line(&fetch(&client, &Request::text(server.url(path), LARGEST)), &server);
        assert!(answer.starts_with(start), "{answer}");
    }
    let asked = |path: &str| server.seen().iter().filter(|asked| asked.path == path).count();
    assert_eq!(asked("/truncated"), 4);
    assert_eq!([asked("/status/404"), asked("/latin"), asked("/large")], [1; 3], "these will not pass");
}

#[test]
fn bytes_are_left_as_they_are() {
    let server = TestServer::start(script);
    let client = client(|_| {});
    for (path, expected) in [
        ("/latin", "[99, 97, 102, 233]"),
        ("/gitiles-cut", "[89, 87, 74, 106, 90, 65, 61]"),
        ("/status/404", "absent"),
        ("/status/410", "absent"),
        ("/status/451", "absent"),
        ("/status/403", "VET0702 | `http://HOST/status/403` answered with status 403 Forbidden"),
    ] {
        let answer = fetch(&client, &Request::bytes(server.url(path), LARGEST).or_absent());
        assert_eq!(line(&answer, &server), expected, "{path}");
    }
    let answer = fetch(&client, &Request::bytes(server.url("/just-fits"), LARGEST));
    assert_eq!(answer.unwrap().body, Body::Bytes(vec![b'x'; LARGEST as usize]));
}

/// A user name and password reach only the server in the URL.
#[test]
fn passwords_stay_with_their_server() {
    let other = TestServer::start(script);
    let to_other = other.url("/user");
    let server = TestServer::start(move |asked| match asked.path.as_str() {
        "/other" => Reply::redirect(to_other.clone()),
        _ => script(asked),
    });
    let client = client(|settings| settings.retries = 0);
    let url = |path: &str| server.url(path).replace("http://", "http://me:s%40cret@");
    for (path, expected) in [
        ("/user", "Basic bWU6c0BjcmV0"),
        ("/redirect-user", "Basic bWU6c0BjcmV0"),
        ("/other", "anonymous"),
        ("/status/401", "VET0702 | `http://HOST/status/401` answered with status 401 Unauthorized"),
    ] {
        let answer = fetch(&client, &Request::text(url(path), LARGEST));
        assert_eq!(line(&answer, &server), expected, "{path}");
        for secret in ["cret", "s%40"] {
            assert!(!format!("{answer:?}").contains(secret), "{answer:?}");
        }
    }
}

/// The same holds for headers, which are sent over HTTPS only.
#[test]
fn tokens_stay_with_their_server() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let start = |answers| TestServer::start_tls(&authority, "127.0.0.1", answers);
    let other = start(Box::new(script) as Box<dyn Fn(&Asked) -> Reply + Send + Sync>);
    let to_other = other.url("/user");
    let server = start(Box::new(move |asked: &Asked| match asked.path.as_str() {
        "/other" => Reply::redirect(to_other.clone()),
        "/etag" => Reply::ok(asked.header("authorization").unwrap_or("anonymous")).header("etag", "\"1\""),
        _ => script(asked),
    }));
    let plain = TestServer::start(script);
    let cache = Some(Cache::new(folder.path().join("cache")));
    let client = Client::new(HttpSettings { cache, ..settings(folder.path(), &authority) }).unwrap();
    for (url, expected) in [
        (server.url("/user"), "Bearer s3cret"),
        (server.url("/redirect-user"), "Bearer s3cret"),
        (server.url("/other"), "anonymous"),
        (server.url("/etag"), "Bearer s3cret"),
        (plain.url("/user"), "anonymous"),
        (server.url("/status/403"), "VET0702 | `https://HOST/status/403` answered with status 403 Forbidden"),
    ] {
        let request = Request::text(&url, LARGEST).with_token(Some(Token::new("Bearer s3cret")));
        let answer = fetch(&client, &request);
        assert_eq!(line(&answer, &server), expected, "{url}");
        assert!(!format!("{request:?} {:?}", answer.err()).contains("s3cret"));
    }
    assert!(!folder.path().join("cache").exists(), "answers to an authenticated user are not kept");
}

#[test]
fn retries_are_announced() {
    let server = TestServer::start(script);
    let client = client(|_| {});
    let events = |path: &str| {
        let seen = RefCell::new(Vec::new());
        let report = |event: FetchEvent<'_>| {
            seen.borrow_mut().push(match event {
                FetchEvent::Started => "started".to_owned(),
                FetchEvent::Received { bytes, total } => format!("{bytes} of {total:?}"),
                FetchEvent::Retrying { pause, problem } => {
                    assert!(pause <= Duration::from_millis(3));
                    match path {
                        "/429-once" => format!("{} after {pause:?}", problem.notes.join(" ")),
                        _ => problem.code.to_string(),
                    }
                }
                FetchEvent::Finished => "finished".to_owned(),
            });
        };
        let _ = client.fetch_one(&Request::text(server.url(path), LARGEST), &report);
        seen.into_inner().join(", ")
    };
    assert_eq!(events("/plain"), "started, 5 of Some(5), finished");
    assert_eq!(events("/status/404"), "started, finished");
    assert_eq!(events("/503-twice"), "started, VET0702, VET0702, 7 of Some(7), finished");
    assert_eq!(
        events("/429-once"),
        "started, the server asks to wait for 3600 s after 3ms, 7 of Some(7), finished",
        "the longest pause counts"
    );
}

/// The answers wait for each other: they arrive only if the requests run at the same time.
#[test]
fn requests_run_at_the_same_time() {
    let together = Barrier::new(4);
    let server = TestServer::start(move |asked| {
        if asked.path != "/last" {
            together.wait();
        }
        Reply::ok(asked.path.clone())
    });
    let client = client(|settings| settings.concurrent = 4);
    let paths = ["/a", "/b", "/c", "/d", "/last"];
    let mut requests: Vec<Request> =
        paths.iter().map(|path| Request::text(server.url(path), LARGEST)).collect();
    requests.insert(2, Request::text("nonsense", LARGEST));
    let answers = client.fetch(&requests, &|_, _| {});
    let lines: Vec<String> = answers.iter().map(|answer| line(answer, &server)).collect();
    let nonsense = "VET0703 | `nonsense` is not a URL | relative URL without a base";
    assert_eq!(lines, ["/a", "/b", nonsense, "/c", "/d", "/last"]);
    assert!(client.fetch(&[], &|_, _| {}).is_empty());
}

/// If a server asks for time, all requests to it wait, and others do not.
#[test]
fn a_busy_server_is_left_alone() {
    let busy = |asked: &Asked| match asked.path.as_str() {
        "/busy" => Reply::status(429).header("retry-after", "3600"),
        path => Reply::ok(path),
    };
    let (server, other) = (TestServer::start(busy), TestServer::start(busy));
    let pause = Duration::from_secs(1);
    let client = client(|settings| {
        settings.retries = 0;
        settings.patience.longest_pause = pause;
    });
    let start = Instant::now();
    let get = |server: &TestServer, path: &str| {
        line(&fetch(&client, &Request::text(server.url(path), LARGEST)), server)
    };
    assert!(get(&server, "/busy").contains("the server asks to wait for 3600 s"));
    assert_eq!(get(&other, "/other"), "/other");
    assert!(start.elapsed() < pause, "{:?}", start.elapsed());
    assert_eq!(get(&server, "/now"), "/now");
    assert!(start.elapsed() >= pause, "{:?}", start.elapsed());
    let start = Instant::now();
    assert_eq!(get(&server, "/again"), "/again");
    assert!(start.elapsed() < pause, "{:?}", start.elapsed());
}

/// The number of connections is limited, and all requests are answered.
#[test]
fn connections_to_one_server_are_few() {
    let now = Arc::new(Mutex::new((0_usize, 0_usize)));
    let of_server = Arc::clone(&now);
    let server = TestServer::start(move |asked| {
        {
            let mut now = of_server.lock().unwrap();
            now.0 += 1;
            now.1 = now.1.max(now.0);
        }
        std::thread::sleep(Duration::from_millis(20));
        of_server.lock().unwrap().0 -= 1;
        Reply::ok(asked.path.clone())
    });
    let client = client(|settings| settings.concurrent = 64);
    let paths: Vec<String> = (0..64).map(|number| format!("/{number}")).collect();
    let requests: Vec<Request> = paths.iter().map(|path| Request::text(server.url(path), LARGEST)).collect();
    let answers = client.fetch(&requests, &|_, _| {});
    let lines: Vec<String> = answers.iter().map(|answer| line(answer, &server)).collect();
    assert_eq!(lines, paths);
    let most = now.lock().unwrap().1;
    assert!((2..=16).contains(&most), "{most}");
}

#[test]
fn a_silent_server_is_given_up() {
    let server = TestServer::start(|asked| match asked.path.as_str() {
        "/nothing" => Reply::silence(),
        _ => Reply::ok("0123456789").silent(3),
    });
    let client = client(|settings| {
        settings.patience.silence = Duration::from_millis(200);
        settings.retries = 1;
    });
    for path in ["/nothing", "/stops"] {
        let problem = fetch(&client, &Request::text(server.url(path), LARGEST)).unwrap_err();
        assert_eq!(problem.code, Code::Unreachable, "{problem:?}");
        assert!(problem.notes.contains(&"2 attempts failed".to_owned()), "{problem:?}");
    }
}

/// None of these servers is ever silent for long.
#[test]
fn a_server_cannot_go_on_for_ever() {
    let server = TestServer::start(|asked| match asked.path.as_str() {
        "/continue" => Reply::endless("", "HTTP/1.1 100 Continue\r\n\r\n", Duration::ZERO),
        "/head" => Reply::endless("HTTP/1.1 200 OK\r\n", "x", Duration::from_millis(10)),
        "/redirect" => {
            Reply::endless("HTTP/1.1 302 Found\r\nlocation: /x\r\n", "x", Duration::from_millis(10))
        }
        _ => Reply::ok("x".repeat(100_000)).slow(Duration::from_millis(10)),
    });
    let client = client(|settings| {
        settings.patience.head = Duration::from_millis(300);
        settings.patience.body = Duration::from_millis(300);
        settings.patience.slowest = 1000;
    });
    for path in ["/continue", "/head", "/redirect", "/body"] {
        let answer = fetch(&client, &Request::text(server.url(path), 1 << 20));
        assert_eq!(answer.as_ref().map_err(|problem| problem.code), Err(Code::TooSlow), "{path}: {answer:?}");
    }
    // On a busy machine, a request may be given up before the server has read it.
    let mut paths: Vec<String> = server.seen().into_iter().map(|asked| asked.path).collect();
    let requests = paths.len();
    paths.dedup();
    assert_eq!(paths.len(), requests, "none is tried again: {paths:?}");
}

/// The answer takes longer than the limit for silence, but no pause in it does.
#[test]
fn a_slow_server_is_waited_for() {
    let server = TestServer::start(|_| Reply::ok("0123456789").slow(Duration::from_millis(80)));
    let client = client(|settings| settings.patience.silence = Duration::from_millis(600));
    let answer = fetch(&client, &Request::text(server.url("/"), LARGEST));
    assert_eq!(line(&answer, &server), "0123456789");
}

#[test]
fn nobody_answers() {
    let server = TestServer::start(script);
    let url = server.url("/");
    let host = server.host();
    drop(server);
    let client = client(|settings| settings.retries = 1);
    let problem = fetch(&client, &Request::text(url, LARGEST)).unwrap_err();
    assert_eq!(problem.code, Code::Unreachable);
    assert_eq!(problem.message, format!("`http://{host}/` cannot be reached"));
    assert!(problem.help.unwrap().contains("HTTPS_PROXY"));
}

#[test]
fn texts_are_kept_and_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let server = TestServer::start(|asked| match asked.path.as_str() {
        "/etag" | "/etag-large" if asked.header("if-none-match") == Some("\"1\"") => Reply::status(304),
        "/etag" => Reply::ok("text").header("etag", "\"1\""),
        "/etag-large" => Reply::ok("0123456789").header("etag", "\"1\""),
        "/dated" if asked.header("if-modified-since") == Some("yesterday") => Reply::status(304),
        "/dated" => Reply::ok("text").header("last-modified", "yesterday"),
        "/moves" => Reply::redirect(format!("/moved/{}", asked.times / 2)),
        "/moved/0" | "/moved/1" if asked.header("if-none-match") == Some("\"1\"") => Reply::status(304),
        path => Reply::ok(path.to_owned()).header("etag", "\"1\""),
    });
    let client = client(|settings| settings.cache = Some(Cache::new(folder.path())));
    let ask = |url: String| {
        let answer = fetch(&client, &Request::text(url, LARGEST));
        let mark = if answer.as_ref().is_ok_and(|answer| answer.unchanged) { "unchanged: " } else { "" };
        format!("{mark}{}", line(&answer, &server))
    };
    let files = || {
        let files = fs::read_dir(folder.path().join("http")).map(Iterator::collect::<Result<Vec<_>, _>>);
        files.map_or(Vec::new(), |files| files.unwrap().iter().map(fs::DirEntry::path).collect())
    };

    let secret = server.url("/etag").replace("http://", "http://me:secret@");
    assert_eq!([ask(secret.clone()), ask(secret)], ["text", "text"]);
    let bytes = Request::bytes(server.url("/etag"), LARGEST);
    fetch(&client, &bytes).unwrap();
    assert!(files().is_empty(), "answers to a user with a password, and bytes, are not kept");

    assert_eq!([ask(server.url("/etag")), ask(server.url("/etag#x"))], ["text", "unchanged: text"]);
    assert_eq!([ask(server.url("/dated")), ask(server.url("/dated"))], ["text", "unchanged: text"]);
    let moves = [0; 4].map(|_| ask(server.url("/moves")));
    assert_eq!(moves, ["/moved/0", "unchanged: /moved/0", "/moved/1", "unchanged: /moved/1"]);
    assert_eq!(files().len(), 3);

    let day = Duration::from_secs(24 * 60 * 60);
    let yesterday = SystemTime::now() - day;
    for file in files() {
        fs::File::options().write(true).open(file).unwrap().set_modified(yesterday).unwrap();
    }
    let age = |path: &str| client.last_answer(&server.url(path)).map(|time| time.elapsed().unwrap());
    assert!(age("/dated").unwrap() >= day);
    ask(server.url("/dated#x"));
    assert!(age("/dated").unwrap() < day, "an answer that is confirmed is new");
    assert!(age("/etag").unwrap() >= day, "others are not");
    assert_eq!(age("/never-asked"), None);
    assert_eq!(client.last_answer("nonsense"), None);
    assert_eq!(client.last_answer(&server.url("/etag").replace("http://", "http://me:secret@")), None);

    ask(server.url("/etag-large"));
    let small = fetch(&client, &Request::text(server.url("/etag-large"), 9));
    assert_eq!(small.unwrap_err().code, Code::TooLarge, "also when it was kept");

    for file in files() {
        fs::write(file, "damaged").unwrap();
    }
    assert_eq!(age("/dated"), None, "it is damaged");
    let answer = fetch(&client, &Request::text(server.url("/etag"), LARGEST)).unwrap();
    let note = format!("removed the damaged response of `{}` from the cache", server.url("/etag"));
    assert_eq!((answer.unchanged, answer.notes), (false, vec![note]));
    assert_eq!(ask(server.url("/etag")), "unchanged: text");
}

#[test]
fn files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a b"), "text").unwrap();
    let base = folder.path().display().to_string().replace('\\', "/");
    let base = format!("file:///{}", base.trim_start_matches('/'));
    let client = client(|settings| settings.offline = true);
    let server = TestServer::start(script);
    for (url, largest, expected) in [
        (format!("{base}/a%20b"), 4, "text".to_owned()),
        (
            format!("{base}/a%20b"),
            3,
            format!("VET0704 | the response of `{base}/a%20b` is larger than 3 bytes"),
        ),
        (format!("{base}/c"), 4, "absent".to_owned()),
        (base.clone(), 4, format!("VET0701 | `{base}` cannot be read | it is not a file")),
    ] {
        let answer = fetch(&client, &Request::text(url, largest).or_absent());
        let answer = answer.map_err(|problem| problem.help("nothing to say"));
        assert_eq!(line(&answer, &server), expected);
    }
    let answer = fetch(&client, &Request::text(server.url("/plain"), LARGEST));
    let expected = "VET0707 | cannot fetch `http://HOST/plain`: network access is disabled";
    assert_eq!(line(&answer, &server), expected);
    assert!(server.seen().is_empty());
}

#[test]
fn servers_are_trusted_if_their_authority_is() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, unknown) = (Authority::new(), Authority::new());
    let client = Client::new(settings(folder.path(), &ours)).unwrap();
    let trusted = TestServer::start_tls(&ours, "127.0.0.1", script);
    let unknown = TestServer::start_tls(&unknown, "127.0.0.1", script);
    let other_name = TestServer::start_tls(&ours, "example.org", script);
    let plain = TestServer::start(script);
    let to_plain = plain.url("/plain");
    let downgrade = TestServer::start_tls(&ours, "127.0.0.1", move |_| Reply::redirect(to_plain.clone()));

    assert_eq!(line(&fetch(&client, &Request::text(trusted.url("/gzip"), LARGEST)), &trusted), "packed");
    for server in [&unknown, &other_name] {
        let answer = line(&fetch(&client, &Request::text(server.url("/plain"), LARGEST)), server);
        let start =
            "VET0705 | the connection to `https://HOST/plain` cannot be trusted | invalid peer certificate: ";
        assert!(answer.starts_with(start), "{answer}");
        assert!(!answer.contains("attempts failed"), "{answer}");
    }
    let answer = fetch(&client, &Request::text(downgrade.url("/"), LARGEST)).unwrap_err();
    assert_eq!((answer.code, plain.seen().len()), (Code::UrlNotAllowed, 0), "{answer:?}");
}

/// HTTPS uses the proxy, and requests to this machine do not need it.
#[test]
fn proxies_are_used_unless_excepted() {
    let proxy = TestServer::start(|_| Reply::status(407));
    let server = TestServer::start(script);
    let with = |no_proxy: &str| {
        client(|settings| {
            settings.proxy = Some(format!("me:secret@{}", proxy.host()));
            settings.no_proxy = Some(no_proxy.to_owned());
        })
    };
    let answer = fetch(&with("example.com"), &Request::text("https://audits.invalid/", LARGEST)).unwrap_err();
    assert_eq!(answer.code, Code::Unreachable);
    assert!(!format!("{answer:?}").contains("secret"), "{answer:?}");
    let expected =
        format!("the proxy `{}` answered with status 407 Proxy Authentication Required", proxy.host());
    assert_eq!(answer.message, expected);
    assert!(answer.help.unwrap().contains("a user name and a password"));
    let seen = proxy.seen();
    assert_eq!(seen.len(), 1, "it would say the same again");
    assert_eq!(seen[0].path, "audits.invalid:443");
    assert_eq!(seen[0].header("proxy-authorization"), Some("Basic bWU6c2VjcmV0"));

    fetch(&with(".invalid"), &Request::text("https://audits.invalid/", LARGEST)).unwrap_err();
    fetch(&with(""), &Request::text(server.url("/plain"), LARGEST)).unwrap();
    assert_eq!(proxy.seen().len(), 1);
}

#[test]
fn settings_that_cannot_be_used_are_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        vec![CaFile { path, named_by: "`http.cainfo`" }]
    };
    let missing = vec![CaFile { path: folder.path().join("missing"), named_by: "SSL_CERT_FILE" }];
    let broken = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    let not_a_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (ca_files, proxy, expected) in [
        (missing, "", "VET0705: the file `FOLDER/missing`, which SSL_CERT_FILE names, cannot be read"),
        (
            file("empty", "no certificate"),
            "",
            "VET0705: the file `FOLDER/empty`, which `http.cainfo` names, contains no certificate",
        ),
        (
            file("broken", broken),
            "",
            "VET0705: the file `FOLDER/broken`, which `http.cainfo` names, cannot be understood",
        ),
        (file("other", not_a_certificate), "", "VET0705: no certificates to verify servers with"),
        (
            file("good", &Authority::new().pem()),
            "http://me:secret@:x",
            "VET0701: the proxy `http://:x` cannot be used",
        ),
    ] {
        let proxy = Some(proxy.to_owned()).filter(|proxy| !proxy.is_empty());
        let problem = Client::new(HttpSettings { ca_files, proxy, ..HttpSettings::new() }).unwrap_err();
        let shown = format!("{}: {}", problem.code, problem.message);
        let shown = shown.replace(&folder.path().display().to_string(), "FOLDER").replace('\\', "/");
        assert_eq!(shown, expected);
        assert!(!format!("{problem:?}").contains("secret"));
    }
}
