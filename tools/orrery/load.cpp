#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "cli.hpp"
#include "orrery/api/schema.hpp"
#include "orrery/api/yaml.hpp"

namespace orrery::cli {

void print_problems(const Diagnostics& problems) {
  for (const Diagnostic& d : problems) fmt::print(stderr, "{}\n", to_string(d));
}

void print_refusals(const std::vector<Refusal>& refusals) {
  for (const Refusal& r : refusals) {
    std::string t;
    append_trace_seconds(t, r.at);
    const std::string where = r.from.line != 0 ? fmt::format("{}:{}: ", r.from.source, r.from.line) : r.from.source.empty() ? std::string{} : r.from.source + ": ";
    fmt::print(stderr, "{}refused at t={}: {}\n", where, t, r.message);
  }
}

namespace {
Diagnostics usage(std::string source, std::string message, std::string hint = {}) {
  return {Diagnostic{std::move(source), {}, 0, 0, std::move(message), std::move(hint)}};
}

/// Whether the first document of the file is a scenario; problems are found again when it is read as what it is.
bool file_is_scenario(const std::string& path) {
  std::FILE* f = std::fopen(path.c_str(), "rb");
  if (f == nullptr) return true;  // reading it as a scenario says why it cannot be read
  std::string text(64 * 1024, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), f));
  std::fclose(f);
  // Misspelt ones are scenarios too: the reader of scenarios says what is wrong with them.
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text.find("orrery/") != std::string::npos && text.find("scenario") != std::string::npos;
}
}  // namespace

std::optional<Scenario> load(const InputOptions& o) {
  ReadOptions read;
  read.overrides = o.set;
  read.seed = o.seed;
  if (!o.until.empty()) {
    const auto until = parse_duration(o.until);
    if (!until || until->count() <= 0) {
      print_problems(usage("--until", fmt::format("\"{}\" is not a duration", o.until), "for example 10m or 90s"));
      return {};
    }
    read.until = *until;
  }
  if (o.files.empty()) {
    print_problems(usage("", "no file was given", "orrery run FILE"));
    return {};
  }
  const bool plain = o.nodes > 0 || !o.nodes_from.empty() || !file_is_scenario(o.files.front());
  if (!plain && o.files.size() > 1) {
    print_problems(usage(o.files[1], "only one scenario can be run at a time"));
    return {};
  }
  Result<Scenario> scenario =
      plain ? scenario_from_manifests(o.files, {.nodes = o.nodes, .nodes_from = o.nodes_from, .read = read}) : read_scenario_file(o.files.front(), read);
  if (!scenario) {
    print_problems(scenario.problems());
    return {};
  }
  return std::move(*scenario);
}

}  // namespace orrery::cli
