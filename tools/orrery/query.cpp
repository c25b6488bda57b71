#include "query.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

namespace orrery::cli {

using Json = nlohmann::json;

namespace {

// What kubectl's category `all` holds of the kinds known here, in its order.
constexpr std::array kAll{"pods", "daemonsets", "cronjobs", "jobs"};

bool is_file(const std::string& word) {
  std::error_code error;
  return std::filesystem::exists(word, error);
}

bool add_kind(std::string_view word, Targets& out) {
  if (word == "all") {
    for (const char* kind : kAll) out.list.push_back({resolve_kind(kind), {}});
    out.several = true;
    return true;
  }
  const KindInfo* kind = resolve_kind(word);
  if (kind == nullptr) {
    print_usage_problem(std::string(word), "no such kind", "pods, jobs, nodes, cronjobs, daemonsets, events …");
    return false;
  }
  out.list.push_back({kind, {}});
  return true;
}

}  // namespace

void print_usage_problem(std::string source, std::string message, std::string hint) {
  print_problems({Diagnostic{std::move(source), {}, 0, 0, std::move(message), std::move(hint)}});
}

std::optional<Duration> instant(const std::string& text, const std::string& option) {
  const auto at = parse_duration(text);
  if (at && at->count() >= 0 && *at <= kSampleMax) return at;
  print_usage_problem(option, fmt::format("\"{}\" is not an instant of at most 100 years", text), "for example 2m26s");
  return std::nullopt;
}

std::optional<Targets> split_words(const std::vector<std::string>& words, QueryOptions& options) {
  if (words.size() < 2) {
    print_usage_problem("", "KIND [NAME] and a file are needed", "for example: pods scenario.json");
    return std::nullopt;
  }
  std::size_t files_from = 1;
  const bool slashed = words[0].find('/') != std::string::npos;
  while (files_from + 1 < words.size() && !is_file(words[files_from])) ++files_from;
  options.input.files.assign(words.begin() + static_cast<std::ptrdiff_t>(files_from), words.end());
  Targets out;
  if (slashed) {
    for (std::size_t i = 0; i < files_from; ++i) {
      const std::size_t slash = words[i].find('/');
      if (slash == std::string::npos || slash + 1 == words[i].size() || words[i].find('/', slash + 1) != std::string::npos) {
        print_usage_problem(words[i], "is neither a file nor of the form KIND/NAME like the others");
        return std::nullopt;
      }
      if (!add_kind(words[i].substr(0, slash), out)) return std::nullopt;
      out.list.back().names.push_back(words[i].substr(slash + 1));
      // Neighbours of one kind share a table.
      if (out.list.size() > 1 && out.list[out.list.size() - 2].kind == out.list.back().kind) {
        out.list[out.list.size() - 2].names.push_back(out.list.back().names[0]);
        out.list.pop_back();
      }
    }
    out.several = out.list.size() > 1;
    return out;
  }
  for (std::size_t begin = 0; begin <= words[0].size();) {
    const std::size_t end = std::min(words[0].find(',', begin), words[0].size());
    if (!add_kind(std::string_view(words[0]).substr(begin, end - begin), out)) return std::nullopt;
    begin = end + 1;
  }
  out.several = out.several || out.list.size() > 1;
  for (Target& t : out.list) t.names.assign(words.begin() + 1, words.begin() + static_cast<std::ptrdiff_t>(files_from));
  return out;
}

std::optional<Query> Query::open(const QueryOptions& options, bool events) {
  Query out;
  out.options_ = options;
  std::string problem;
  const auto labels = parse_selector(options.selector, &problem);
  if (!labels) {
    print_usage_problem("--selector", problem, "for example app=web,tier!=db");
    return std::nullopt;
  }
  out.labels_ = *labels;
  if (!options.at.empty()) {
    out.at_ = instant(options.at, "--at");
    if (!out.at_) return std::nullopt;
  }
  std::optional<Scenario> scenario = load(options.input);
  if (!scenario) return std::nullopt;
  out.sim_ = std::make_unique<Simulation>(std::move(*scenario), SimulationOptions{.component_events = events});
  return out;
}

void Query::run() {
  if (at_)
    sim_->run_until(*at_);
  else
    (void)sim_->run();
  print_refusals(sim_->refusals());
}

bool Query::select(const KindInfo& kind) {
  std::string problem;
  const auto fields = FieldSelector::parse(kind, options_.field_selector, &problem);
  if (!fields) {
    print_usage_problem("--field-selector", problem, "for example status.phase=Running");
    return false;
  }
  fields_ = *fields;
  return true;
}

std::optional<Json> Query::match(const KindInfo& kind, const Object& object) {
  static const std::vector<std::pair<std::string, std::string>> kNoLabels;
  const std::string_view in = kind.namespaced ? sim_->cluster().text(object.ns()) : std::string_view();
  if (kind.namespaced && !options_.all_namespaces && in != (options_.ns.empty() ? std::string_view("default") : std::string_view(options_.ns))) return std::nullopt;
  if (!labels_.matches(object.meta.labels() ? object.meta.labels()->items : kNoLabels)) return std::nullopt;
  Json j = to_json(object, sim_->cluster().names());
  if (j.value("kind", "") != kind.kind || !fields_.matches(j)) return std::nullopt;
  return j;
}

std::vector<Json> Query::list(const KindInfo& kind) {
  std::vector<Json> out;
  for (const auto& o : sim_->cluster().store().list(kind_from_name(kind.kind)))
    if (auto j = match(kind, *o)) out.push_back(std::move(*j));
  return out;
}

std::vector<Json> Query::everything(std::string_view kind) {
  std::vector<Json> out;
  for (const auto& o : sim_->cluster().store().list(kind_from_name(kind))) {
    Json j = to_json(*o, sim_->cluster().names());
    if (j.value("kind", "") == kind) out.push_back(std::move(j));
  }
  return out;
}

std::vector<Json> Query::find(const Target& target, std::vector<std::string>& missing) {
  std::vector<Json> all = list(*target.kind);
  if (target.names.empty()) return all;
  std::vector<Json> out;
  for (const std::string& name : target.names) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const Json& o) { return o["metadata"].value("name", "") == name; });
    if (it == all.end())
      missing.push_back(name);
    else
      out.push_back(*it);
  }
  return out;
}

void Query::print_missing(const KindInfo& kind, const std::string& name) {
  fmt::print(stderr, "Error from server (NotFound): {} \"{}\" not found\n", kind.group.empty() ? std::string(kind.plural) : fmt::format("{}.{}", kind.plural, kind.group), name);
}

void Query::print_nothing(bool namespaced) {
  fmt::print(stderr, "{}\n", namespaced && !options_.all_namespaces ? fmt::format("No resources found in {} namespace.", ns()) : "No resources found");
}

}  // namespace orrery::cli
