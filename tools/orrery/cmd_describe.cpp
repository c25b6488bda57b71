// orrery describe: runs to an instant and describes objects as kubectl describe would have then.
#include <cstdio>

#include <fmt/format.h>

#include "orrery/kubectl/describe.hpp"
#include "query_commands.hpp"

namespace orrery::cli {

using Json = nlohmann::json;

namespace {
std::string name_of(const Json& o) { return o["metadata"].value("name", ""); }
}  // namespace

int describe(DescribeCommand& c, const std::vector<std::string>& words) {
  const auto targets = split_words(words, c.query);
  if (!targets) return kBadInput;
  auto query = Query::open(c.query, true);
  if (!query) return kBadInput;
  query->run();
  const std::vector<Json> events = query->everything("Event"), pods = query->everything("Pod"), leases = query->everything("Lease");
  int code = kFine;
  std::size_t printed = 0;
  bool namespaced = false, named = false;
  for (const Target& t : targets->list) {
    if (!query->select(*t.kind)) return kBadInput;
    namespaced = namespaced || t.kind->namespaced;
    named = named || !t.names.empty();
    std::vector<std::string> missing;
    std::vector<Json> objects = query->find(t, missing);
    // A word that is no name stands for all names that begin with it.
    for (const std::string& prefix : missing) {
      const std::size_t before = objects.size();
      for (Json& o : query->list(*t.kind))
        if (name_of(o).starts_with(prefix)) objects.push_back(std::move(o));
      if (objects.size() > before) continue;
      query->print_missing(*t.kind, prefix);
      code = kExpectationFailed;
    }
    for (const Json& o : objects) {
      const Json* lease = nullptr;
      for (const Json& l : leases)
        if (t.kind->kind == "Node" && name_of(l) == name_of(o)) lease = &l;
      const std::string text = orrery::describe(t.kind->kind, o, {.events = events, .pods = pods, .lease = lease, .now_ns = query->now_ns(), .show_events = c.show_events});
      fmt::print("{}{}", printed == 0 ? "" : "\n\n", text);
      ++printed;
    }
  }
  if (printed == 0 && !named) query->print_nothing(namespaced);
  return code;
}

}  // namespace orrery::cli
