// orrery explain: the history of an object up to an instant: every write, who made it, and what that writer had seen.
#include <algorithm>
#include <array>
#include <cstdio>

#include <fmt/format.h>

#include "causes.hpp"
#include "query_commands.hpp"
#include "workflow_record.hpp"

namespace orrery::cli {

namespace {

/// One kind's way to explain itself.
struct Explainer {
  std::string_view kind;  ///< empty: every other kind
  int (*explain)(Query& query, const Target& target, const std::string& name);
};

/// The chain of causes of a Kubernetes object.
int explain_object(Query& query, const Target& target, const std::string& name) {
  CauseRecord record(query.sim());
  query.run();
  const Kind stored = kind_from_name(target.kind->kind);
  const std::string text = record.explain([&](const Object& o) {
    return o.kind == stored && o.name() == name && (!target.kind->namespaced || query.sim().cluster().text(o.ns()) == query.ns()) &&
           (o.kind != Kind::other || query.match(*target.kind, o));
  });
  if (text.empty()) {
    query.print_missing(*target.kind, name);
    return kExpectationFailed;
  }
  fmt::print("{}", text);
  return kFine;
}

/// The critical path of a workflow, and the slack of its jobs.
int explain_workflow(Query& query, const Target& target, const std::string& name) {
  const WorkflowRecord record(query.sim());
  query.run();
  const std::string text = record.explain(query.ns(), name);
  if (text.empty()) {
    query.print_missing(*target.kind, name);
    return kExpectationFailed;
  }
  fmt::print("{}", text);
  return kFine;
}

constexpr std::array kExplainers{Explainer{"Workflow", explain_workflow}, Explainer{"", explain_object}};

}  // namespace

int explain(ExplainCommand& c, const std::vector<std::string>& words) {
  const auto targets = split_words(words, c.query);
  if (!targets) return kBadInput;
  if (targets->list.size() != 1 || targets->list[0].names.size() != 1) {
    print_usage_problem("", "exactly one object is needed", "for example job/pi");
    return kBadInput;
  }
  const Target& target = targets->list[0];
  const auto* explainer = std::find_if(kExplainers.begin(), kExplainers.end(), [&](const Explainer& e) { return e.kind == target.kind->kind || e.kind.empty(); });
  auto query = Query::open(c.query, false);
  if (!query || !query->select(*target.kind)) return kBadInput;
  return explainer->explain(*query, target, target.names[0]);
}

}  // namespace orrery::cli
