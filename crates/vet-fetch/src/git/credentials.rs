//! Asks git's credential helpers for the credentials of servers.
//!
//! Git is asked in the same way as it does before a fetch, but without prompts, because no user may
//! be present.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vet_project::Token;
use vet_project::regular_file::read_all;

use crate::http::open_url;

/// How long to wait for a helper. One that takes longer waits for input that does not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// The maximum size of a helper's answer, in bytes.
const LARGEST: u64 = 1 << 20;

/// The maximum number of helpers that run at the same time.
const AT_ONCE: usize = 8;

/// Git's credentials for the servers of URLs, in order. `None` if git has none or cannot be run,
/// and for URLs that must not be fetched, need no server, or contain a user name.
pub fn credentials(urls: &[&str]) -> Vec<Option<Token>> {
    let next = AtomicUsize::new(0);
    let ask = || {
        let indices = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        let urls = indices.map_while(|index| Some((index, *urls.get(index)?)));
        urls.map(|(index, url)| (index, credentials_of(url))).collect::<Vec<_>>()
    };
    let mut found: Vec<(usize, Option<Token>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE.min(urls.len())).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, token)| token).collect()
}

fn credentials_of(url: &str) -> Option<Token> {
    let question = question(url)?;
    // A repository, or a folder that looks like one, may name any program as a helper.
    let mut git = super::outside_of_repositories();
    git.args(["credential", "fill"])
        .env("GIT_TERMINAL_PROMPT", "0")
        // An empty value names no program, and keeps git from looking for another one.
        .env("GIT_ASKPASS", "")
        .env("SSH_ASKPASS", "")
        .env("GCM_INTERACTIVE", "never");
    header(&answer(git, &question, PATIENCE)?).map(Token::new)
}

/// The input for git about a URL.
fn question(url: &str) -> Option<String> {
    // Credentials would not be sent over plain HTTP.
    let url = open_url(url).filter(|url| url.scheme() == "https")?;
    let (scheme, host) = (url.scheme(), url.host_str()?);
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path().trim_start_matches('/');
    Some(format!("capability[]=authtype\nprotocol={scheme}\nhost={host}{port}\npath={path}\n\n"))
}

/// The answer of a program, if it succeeds in time.
fn answer(mut program: Command, question: &str, patience: Duration) -> Option<String> {
    let mut child =
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let (mut stdin, mut stdout) = (child.stdin.take()?, child.stdout.take()?);
    // The threads are not joined, because child processes of the program may keep the pipes open.
    let question = question.to_owned();
    thread::spawn(move || stdin.write_all(question.as_bytes()));
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let text = read_all(&mut stdout, LARGEST).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        sender.send(text)
    });
    let text = receiver.recv_timeout(patience).ok().flatten();
    if text.is_none() {
        // It may have ended meanwhile.
        let _ = child.kill();
    }
    let status = child.wait().ok()?;
    text.filter(|_| status.success())
}

/// The value of the `Authorization` header for an answer of git.
fn header(answer: &str) -> Option<String> {
    let value = |key: &str| {
        let mut values = answer.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        values.next_back().filter(|value| !value.is_empty())
    };
    if let (Some(kind), Some(credential)) = (value("authtype"), value("credential")) {
        return Some(format!("{kind} {credential}"));
    }
    let (username, password) = (value("username").unwrap_or_default(), value("password")?);
    // The user names that the helpers of code hosts use for tokens.
    if ["oauth2", "access_token"].contains(&username) {
        return Some(format!("Bearer {password}"));
    }
    Some(format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_is_asked_about_servers() {
        for (url, expected) in [
            ("https://a.example/x/y?z#w", Some("https a.example x/y")),
            ("https://a.example:443", Some("https a.example ")),
            ("https://a.example:444/%0Ahost=b", Some("https a.example:444 %0Ahost=b")),
            ("https://a.example/\nhost=b", Some("https a.example host=b")),
            ("https://[::1]:8443/", Some("https [::1]:8443 ")),
            ("https://u@a.example/", None),
            ("https://:p@a.example/", None),
            ("http://a.example/", None),
            ("http://127.0.0.1/", None),
            ("file:///x", None),
            ("nonsense", None),
        ] {
            let expected = expected.map(|words| {
                let [protocol, host, path] = words.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!() };
                format!("capability[]=authtype\nprotocol={protocol}\nhost={host}\npath={path}\n\n")
            });
            assert_eq!(question(url), expected, "{url}");
        }
    }

    #[test]
    fn answers_become_headers() {
        for (answer, expected) in [
            ("username=u\npassword=p\n", Some("Basic dTpw")),
            ("host=h\nusername=u\npassword=p=q\n", Some("Basic dTpwPXE=")),
            ("password=p\n", Some("Basic OnA=")),
            ("username=oauth2\npassword=t\n", Some("Bearer t")),
            ("username=access_token\npassword=t\n", Some("Bearer t")),
            ("capability[]=authtype\nauthtype=Digest\ncredential=c d\nusername=u\n", Some("Digest c d")),
            ("authtype=Bearer\nusername=u\npassword=p\n", Some("Basic dTpw")),
            ("username=u\npassword=\n", None),
            ("username=u\n", None),
            ("usernames=u\npasswords=p\n", None),
            ("", None),
        ] {
            assert_eq!(header(answer).as_deref(), expected, "{answer}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_fails_or_hangs_says_nothing() {
        let answer = |script: &str, patience: u64| {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]);
            answer(shell, "question\n", Duration::from_millis(patience))
        };
        assert_eq!(answer("cat; echo more", 30_000).as_deref(), Some("question\nmore\n"));
        assert_eq!(answer("echo early", 30_000).as_deref(), Some("early\n"));
        assert_eq!(answer("cat; exit 1", 30_000), None);
        assert_eq!(answer("printf '\\377'", 30_000), None);
        assert_eq!(answer("exec sleep 60", 50), None);
        assert_eq!(answer("sleep 2; echo late", 50), None);
        let missing = Command::new("no-such-program");
        assert_eq!(super::answer(missing, "", PATIENCE), None);
    }
}
