//! Writes a made-up project: `generate-project FOLDER PACKAGES AUDITS`.
//!
//! The project comes into `FOLDER/project`, and the cache that goes with it into `FOLDER/cache`.

use std::path::Path;
use std::process::ExitCode;

use vet_benches::{Shape, generate};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let written = match arguments.as_slice() {
        [folder, packages, audits] => match (packages.parse(), audits.parse()) {
            (Ok(packages), Ok(audits)) => {
                let folder = Path::new(folder);
                let generated = generate(Shape::new(packages, audits));
                generated
                    .write(&folder.join("project"), &folder.join("cache"))
                    .map_err(|error| error.to_string())
            }
            _ => Err("PACKAGES and AUDITS are numbers".to_owned()),
        },
        _ => Err("usage: generate-project FOLDER PACKAGES AUDITS".to_owned()),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
