// orrery events: runs to an instant and prints events by time, as kubectl events would have then.
#include <cstdio>

#include <fmt/format.h>

#include "orrery/kubectl/events.hpp"
#include "query_commands.hpp"
#include "show.hpp"

namespace orrery::cli {

using Json = nlohmann::json;

int events(EventsCommand& c) {
  EventsOptions options{.all_namespaces = c.query.all_namespaces, .no_headers = c.no_headers, .types = c.types};
  for (const std::string& type : c.types)
    if (std::string lower = type; true) {
      for (char& x : lower)
        if (x >= 'A' && x <= 'Z') x = static_cast<char>(x - 'A' + 'a');
      if (lower == "normal" || lower == "warning") continue;
      print_usage_problem("--types", fmt::format("\"{}\" is no type of event", type), "Normal or Warning");
      return kBadInput;
    }
  if (!c.about.empty()) {
    const std::size_t slash = c.about.find('/');
    const KindInfo* kind = slash == std::string::npos ? nullptr : resolve_kind(std::string_view(c.about).substr(0, slash));
    if (kind == nullptr || slash + 1 == c.about.size()) {
      print_usage_problem("--for", fmt::format("\"{}\" is not KIND/NAME", c.about), "for example job/pi");
      return kBadInput;
    }
    options.for_kind = kind->kind;
    options.for_name = c.about.substr(slash + 1);
  }
  auto query = Query::open(c.query, true);
  if (!query) return kBadInput;
  const KindInfo& kind = *resolve_kind("events");
  if (!query->select(kind)) return kBadInput;
  EventsTable table(options);
  bool listed = false;
  if (c.watch) {
    query->sim().on_change([&](Duration, const Change& change) {
      if (!listed || change.kind != Kind::event || change.type == ChangeType::deleted) return;
      if (auto e = query->match(kind, *change.object)) fmt::print("{}", table.add(std::vector<Json>{std::move(*e)}, query->now_ns()));
    });
    query->sim().run_until(query->at().value_or(Duration::zero()));
  } else {
    query->run();
  }
  std::vector<Json> found = query->list(kind);
  const GetOptions::Output form = output_from(c.output);
  if (form == GetOptions::Output::json || form == GetOptions::Output::yaml || form == GetOptions::Output::name) {
    std::erase_if(found, [&](const Json& e) { return !selects(options, e); });
    fmt::print("{}", print_objects(kind, found, query->now_ns(), {.output = form}));
    return kFine;
  }
  const std::string text = table.add(found, query->now_ns());
  if (text.empty() && !c.watch) fmt::print(stderr, "{}\n", no_events_message(query->all_namespaces() ? "" : query->ns()));
  fmt::print("{}", text);
  if (!c.watch) return kFine;
  listed = true;
  (void)query->sim().run();
  print_refusals(query->sim().refusals());
  return kFine;
}

}  // namespace orrery::cli
