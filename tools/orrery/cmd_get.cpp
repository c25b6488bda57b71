// orrery get: runs to an instant and prints objects as kubectl get would have then, and with --watch all that follows.
#include <cstdio>

#include <fmt/format.h>

#include "orrery/kubectl/sort_by.hpp"
#include "query_commands.hpp"
#include "show.hpp"

namespace orrery::cli {

using Json = nlohmann::json;

namespace {

bool is_table(GetOptions::Output o) { return o == GetOptions::Output::table || o == GetOptions::Output::wide; }

const char* word(ChangeType type) { return type == ChangeType::added ? "ADDED" : type == ChangeType::modified ? "MODIFIED" : "DELETED"; }

/// K-013, K-018: from the instant to the end of the run.
int watch(Query& query, const Target& target, const GetCommand& c, const GetOptions& options, const std::optional<FieldPath>& sort) {
  if (target.names.size() > 1) {
    print_usage_problem("--watch", "only one name can be watched");
    return kBadInput;
  }
  const KindInfo& kind = *target.kind;
  if (!query.select(kind)) return kBadInput;
  WatchTable table(kind, options, c.watch_events);
  const Duration from = query.at().value_or(Duration::zero());
  const auto wanted = [&](const Object& o) { return target.names.empty() || o.name() == target.names[0]; };
  const Kind stored = kind_from_name(kind.kind);
  bool listed = false;
  query.sim().on_change([&](Duration, const Change& change) {
    if (!listed || change.kind != stored || !wanted(*change.object)) return;
    // What a selection no longer covers is gone for its watcher, and what it covers now is new.
    const bool before = change.before && query.match(kind, *change.before).has_value();
    auto now = query.match(kind, *change.object);
    if (!now && !before) return;
    ChangeType type = change.type;
    if (type == ChangeType::modified && !before) type = ChangeType::added;
    if (type == ChangeType::modified && !now) {
      type = ChangeType::deleted;
      now = query.match(kind, *change.before);
    }
    if (now) fmt::print("{}", table.add(word(type), {*now}, query.now_ns()));
  });
  query.sim().run_until(from);
  std::vector<std::string> missing;
  std::vector<Json> objects = query.find(target, missing);
  if (!missing.empty()) {
    query.print_missing(kind, missing[0]);
    return kExpectationFailed;
  }
  if (sort) {
    fmt::print(stderr, "warning: --watch requested, --sort-by will be ignored for watch events received\n");
    std::string problem;
    if (!sort_by_field(objects, *sort, &problem)) {
      fmt::print(stderr, "error: {}\n", problem);
      return kExpectationFailed;
    }
  }
  fmt::print("{}", table.add("ADDED", objects, query.now_ns()));
  listed = true;
  (void)query.sim().run();
  print_refusals(query.sim().refusals());
  return kFine;
}

}  // namespace

int get(GetCommand& c, const std::vector<std::string>& words) {
  const auto targets = split_words(words, c.query);
  if (!targets) return kBadInput;
  std::optional<FieldPath> sort;
  if (!c.sort_by.empty()) {
    std::string problem;
    sort = parse_field_path(c.sort_by, &problem);
    if (!sort) {
      print_usage_problem("--sort-by", fmt::format("\"{}\" is no path: {}", c.sort_by, problem), "for example .metadata.creationTimestamp");
      return kBadInput;
    }
  }
  bool events = false;
  for (const Target& t : targets->list) events = events || t.kind->kind == "Event";
  auto query = Query::open(c.query, events);
  if (!query) return kBadInput;
  GetOptions options{.output = output_from(c.output),
                     .all_namespaces = c.query.all_namespaces,
                     .show_labels = c.show_labels,
                     .no_headers = c.no_headers,
                     .with_kind = targets->several,
                     .label_columns = c.label_columns};
  if (c.watch || c.watch_events) {
    if (targets->several) {
      print_usage_problem("--watch", "only one kind can be watched", "as with kubectl");
      return kBadInput;
    }
    return watch(*query, targets->list[0], c, options, sort);
  }
  query->run();
  int code = kFine;
  std::vector<Json> everything;
  std::size_t found = 0;
  bool namespaced = false, named = false;
  for (const Target& t : targets->list) {
    if (!query->select(*t.kind)) return kBadInput;
    std::vector<std::string> missing;
    std::vector<Json> objects = query->find(t, missing);
    namespaced = namespaced || t.kind->namespaced;
    named = named || !t.names.empty();
    std::string problem;
    if (sort && !sort_by_field(objects, *sort, &problem)) {
      fmt::print(stderr, "error: {}\n", problem);
      return kExpectationFailed;
    }
    if (is_table(options.output) || options.output == GetOptions::Output::name) {
      if (is_table(options.output) && found > 0 && !objects.empty()) fmt::print("\n");
      fmt::print("{}", print_objects(*t.kind, objects, query->now_ns(), options));
    } else {
      everything.insert(everything.end(), objects.begin(), objects.end());
    }
    found += objects.size();
    for (const std::string& name : missing) query->print_missing(*t.kind, name);
    if (!missing.empty()) code = kExpectationFailed;
  }
  if (!is_table(options.output) && options.output != GetOptions::Output::name) {
    options.single = named && everything.size() == 1;
    if (!everything.empty() || !named) fmt::print("{}", print_objects(*targets->list[0].kind, everything, query->now_ns(), options));
  } else if (found == 0 && !named) {
    query->print_nothing(namespaced);
  }
  return code;
}

}  // namespace orrery::cli
