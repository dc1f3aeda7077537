//! The output of `settings`.

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;
use vet_ops::check::settings::{Origin, SettingInForce, SettingValue, SettingsInForce};
use vet_store::settings::TargetSetting;

use crate::json;
use crate::visible::visible_line;

/// The text output: one line per setting, and more lines for lists.
pub fn human(in_force: &SettingsInForce) -> String {
    let file = in_force.file.as_deref().unwrap_or_default();
    let rows: Vec<Row> = in_force.settings.iter().map(|setting| Row::of(setting, file)).collect();
    let width =
        |texts: &mut dyn Iterator<Item = &str>| texts.map(|text| text.width()).max().unwrap_or_default();
    let key_width = width(&mut rows.iter().map(|row| row.key.as_str()));
    let value_width = width(&mut rows.iter().flat_map(|row| row.values.iter().map(String::as_str)));
    let mut text = String::new();
    for Row { key, values, origin } in &rows {
        let mut cells = (key.as_str(), origin.as_str());
        for value in values {
            let (key, origin) = std::mem::take(&mut cells);
            text += format!("{key}{}  {value}{}  {origin}", pad(key, key_width), pad(value, value_width))
                .trim_end();
            text.push('\n');
        }
    }
    text
}

fn pad(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(text.width()))
}

struct Row {
    key: String,
    /// At least one.
    values: Vec<String>,
    origin: String,
}

impl Row {
    fn of(setting: &SettingInForce, file: &str) -> Self {
        let SettingInForce { keys, value, origin } = setting;
        let line = |text: &str| visible_line(text).into_owned();
        let values = match value {
            SettingValue::All => vec!["all".to_owned()],
            SettingValue::HostsAmongTargets => {
                vec!["those of the targets that can host a compiler".to_owned()]
            }
            SettingValue::Flag(flag) => vec![flag.to_string()],
            SettingValue::Names(names) if names.is_empty() => vec!["none".to_owned()],
            SettingValue::Names(names) => names.iter().map(|name| line(name)).collect(),
            SettingValue::Targets(targets) => {
                targets.iter().map(|target| line(&shown_target(target))).collect()
            }
            SettingValue::Level(level, code) => vec![format!("{} ({})", level.name(), code.title())],
        };
        let origin = match origin {
            Origin::Default => "default".to_owned(),
            Origin::Line(number) => format!("{}:{number}", visible_line(file)),
            Origin::CommandLine => "command line".to_owned(),
        };
        Row { key: line(&keys.join(".")), values, origin }
    }
}

/// `aarch64-apple-darwin +crt-static`, `board.json, like thumbv7em-none-eabihf`
fn shown_target(target: &TargetSetting) -> String {
    let like = target.like.iter().map(|like| format!(", like {}", like.value));
    let features = target.features.iter().map(|feature| format!(" +{}", feature.value));
    std::iter::once(target.triple.value.clone()).chain(like).chain(features).collect()
}

/// The JSON output.
pub fn json(in_force: &SettingsInForce) -> String {
    let settings = in_force.settings.iter().map(SettingJson::from).collect();
    json::document(&SettingsJson { file: in_force.file.as_deref(), settings })
}

#[derive(Serialize)]
struct SettingsJson<'a> {
    file: Option<&'a str>,
    settings: Vec<SettingJson<'a>>,
}

#[derive(Serialize)]
struct SettingJson<'a> {
    path: &'a [String],
    /// Null if nothing is left out.
    value: Option<ValueJson<'a>>,
    origin: OriginJson,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ValueJson<'a> {
    Flag(bool),
    Names(&'a [String]),
    Targets(Vec<TargetJson<'a>>),
    Level(&'static str),
}

#[derive(Serialize)]
struct TargetJson<'a> {
    triple: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    like: Option<&'a str>,
    features: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum OriginJson {
    Default,
    File { line: usize },
    CommandLine,
}

impl<'a> From<&'a SettingInForce> for SettingJson<'a> {
    fn from(SettingInForce { keys, value, origin }: &'a SettingInForce) -> Self {
        let value = match value {
            SettingValue::All | SettingValue::HostsAmongTargets => None,
            SettingValue::Flag(flag) => Some(ValueJson::Flag(*flag)),
            SettingValue::Names(names) => Some(ValueJson::Names(names)),
            SettingValue::Targets(targets) => {
                Some(ValueJson::Targets(targets.iter().map(TargetJson::from).collect()))
            }
            SettingValue::Level(level, _) => Some(ValueJson::Level(level.name())),
        };
        let origin = match origin {
            Origin::Default => OriginJson::Default,
            Origin::Line(line) => OriginJson::File { line: *line },
            Origin::CommandLine => OriginJson::CommandLine,
        };
        SettingJson { path: keys, value, origin }
    }
}

impl<'a> From<&'a TargetSetting> for TargetJson<'a> {
    fn from(target: &'a TargetSetting) -> Self {
        TargetJson {
            triple: &target.triple.value,
            like: target.like.as_ref().map(|like| like.value.as_str()),
            features: target.features.iter().map(|feature| feature.value.as_str()).collect(),
        }
    }
}
