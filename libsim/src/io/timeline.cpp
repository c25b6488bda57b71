// `spec.timeline`: one reader per verb.
#include <fmt/format.h>

#include <array>
#include <limits>

#include "kinds.hpp"
#include "sections.hpp"

namespace orrery::scenario_reading {
namespace {

constexpr std::int64_t kMaxGraceSeconds = std::int64_t{100} * 366 * 24 * 3600;  // a century, as all durations
constexpr std::int64_t kMaxTimes = 1'000'000'000;
constexpr std::int64_t kMaxCount = kMaxNodes;

/// `kind`, `name`, `namespace`.
ObjectName read_target(Fields& f, const std::vector<std::string_view>& allowed = {}) {
  ObjectName out;
  const KindInfo* kind = read_kind(f, allowed);
  out.name = f.required_name("name");
  const auto ns = f.name("namespace");
  if (!kind) return out;
  out.kind = std::string(kind->kind);
  if (ns && !kind->namespaced) f.problems().add(f.at("namespace"), fmt::format("a {} is in no namespace", kind->kind));
  out.ns = namespace_of(*kind, ns.value_or(""));
  return out;
}

NodeTarget read_node_target(Fields& f) {
  NodeTarget out;
  out.name = f.name("node").value_or("");
  out.selector = f.selector("selector").value_or("");
  out.count = f.integer("count", 1, kMaxCount);
  if (!f.is_object()) return out;
  if (f.has("node") == f.has("selector"))
    f.problems().add(f.pointer(), f.has("node") ? "a node is named by \"node\" or by \"selector\", not by both" : "the field \"node\" is required");
  else if (f.has("count") && f.has("node"))
    f.problems().add(f.at("count"), "\"count\" needs a \"selector\"");
  return out;
}

std::optional<verb::Apply> read_apply(Problems& problems, ManifestLoader& manifests, const json& value, const std::string& pointer) {
  const std::size_t before = problems.size();
  verb::Apply out;
  manifests.add(value, pointer, out.objects);
  // An empty or broken file has been reported with its name.
  if (value.is_object() && problems.size() == before && out.objects.empty()) problems.add(pointer, "there is no object to apply");
  return out;
}

verb::Patch read_patch(Fields& f) {
  verb::Patch out;
  out.target = read_target(f);
  out.type = static_cast<verb::Patch::Type>(f.word("type", {"strategic", "merge", "json"}).value_or(0));
  const json* patch = f.take("patch");
  if (!patch) {
    if (f.is_object()) f.missing("patch");
    return out;
  }
  const bool good = out.type == verb::Patch::Type::json ? patch->is_array() : patch->is_object();
  if (!good)
    f.problems().add(f.at("patch"), fmt::format("expected {}, got {}", out.type == verb::Patch::Type::json ? "a list of operations" : "an object", type_name(*patch)),
                     patch->is_array() ? R"(a list needs "type": "json")" : "");
  out.patch = *patch;
  return out;
}

verb::Delete read_delete(Fields& f) {
  verb::Delete out;
  const KindInfo* kind = read_kind(f);
  out.target.name = f.name("name").value_or("");
  const auto ns = f.name("namespace");
  out.selector = f.selector("selector").value_or("");
  out.node = f.name("node").value_or("");
  out.count = f.integer("count", 1, kMaxCount);
  if (const auto p = f.word("propagation", {"Background", "Foreground", "Orphan"})) out.propagation = static_cast<verb::Delete::Propagation>(*p);
  out.grace_period_seconds = f.integer("gracePeriodSeconds", 0, kMaxGraceSeconds);
  if (!f.is_object()) return out;
  const bool selected = f.has("selector") || f.has("node");
  if (f.has("name") && selected) f.problems().add(f.pointer(), "give either \"name\" or a selection, not both");
  if (!f.has("name") && !selected) f.problems().add(f.pointer(), "which objects? Give \"name\" or \"selector\"");
  if (f.has("count") && !selected) f.problems().add(f.at("count"), "\"count\" needs a \"selector\"");
  if (!kind) return out;
  if (f.has("node") && kind->kind != "Pod") f.problems().add(f.at("node"), "\"node\" selects pods only");
  if (ns && !kind->namespaced) f.problems().add(f.at("namespace"), fmt::format("a {} is in no namespace", kind->kind));
  out.target.kind = std::string(kind->kind);
  out.target.ns = namespace_of(*kind, ns.value_or(""));
  return out;
}

verb::Drain read_drain(Fields& f) {
  verb::Drain out;
  out.node = read_node_target(f);
  out.ignore_daemon_sets = f.flag("ignoreDaemonSets");
  out.force = f.flag("force");
  out.delete_empty_dir_data = f.flag("deleteEmptyDirData");
  out.grace_period_seconds = f.integer("gracePeriodSeconds", -1, kMaxGraceSeconds).value_or(-1);
  out.timeout = f.duration("timeout");
  // As with kubectl, 0 means no limit.
  if (out.timeout == Duration::zero()) out.timeout.reset();
  return out;
}

std::optional<verb::AddNode> read_add_node(Problems& problems, const json& value, const std::string& pointer) {
  std::vector<NodeEntry> nodes;
  if (value.is_object() && value.contains("count")) {
    problems.add(child(pointer, "count"), "one action adds one node", "write one entry for each");
    return std::nullopt;
  }
  read_node(problems, value, pointer, nodes);
  if (nodes.empty()) return std::nullopt;
  return verb::AddNode{node_object(nodes[0], 0)};
}

verb::FailNode read_fail_node(Fields& f) {
  verb::FailNode out;
  out.node = read_node_target(f);
  out.mode = static_cast<verb::FailNode::Mode>(f.word("mode", {"crash", "partition", "kubelet"}).value_or(0));
  out.lasts = f.distribution("for");
  return out;
}

verb::FailPod read_fail_pod(Fields& f) {
  verb::FailPod out;
  out.ns = f.name("namespace").value_or("");
  out.name = f.name("name").value_or("");
  out.selector = f.selector("selector").value_or("");
  out.node = f.name("node").value_or("");
  out.count = f.integer("count", 1, kMaxCount);
  if (const json* exit = f.take("exit")) {
    const auto choice = read_exit(f.problems(), *exit, f.at("exit"));
    if (choice && choice->size() != 1) f.problems().add(f.at("exit"), "expected one exit code, not weights");
    if (choice) {
      out.exit_code = choice->front().code;
      out.reason = choice->front().reason;
    }
  }
  if (auto reason = f.name("reason")) out.reason = std::move(*reason);
  if (!f.is_object()) return out;
  const bool selected = f.has("selector") || f.has("node");
  if (f.has("name") && selected) f.problems().add(f.pointer(), "give either \"name\" or a selection, not both");
  if (!f.has("name") && !selected) f.problems().add(f.pointer(), "which pods? Give \"name\" or \"selector\"");
  return out;
}

verb::SetImage read_set_image(Fields& f) {
  verb::SetImage out;
  out.target = read_target(f, {"Pod", "Job", "CronJob", "DaemonSet"});
  out.container = f.required_name("container");
  if (f.is_object() && !f.has("image")) f.missing("image");
  const auto image = f.text("image");
  if (image && image->empty()) f.problems().add(f.at("image"), "must not be empty");
  out.image = image.value_or("");
  return out;
}

verb::Rollback read_rollback(Fields& f) {
  verb::Rollback out;
  out.target = read_target(f, {"DaemonSet"});
  out.to_revision = f.integer("toRevision", 0, std::numeric_limits<std::int64_t>::max()).value_or(0);
  return out;
}

std::string read_controller(Fields& f) {
  const std::string name = f.required_name("controller");
  if (name.empty()) return name;
  const std::vector<std::string_view> known(kControllerNames.begin(), kControllerNames.end());
  for (std::string_view k : known)
    if (k == name) return name;
  std::string hint = did_you_mean(name, known);
  if (hint.empty()) hint = fmt::format("known: {}", fmt::join(known, ", "));
  f.problems().add(f.at("controller"), fmt::format("unknown controller \"{}\"", shown(std::string_view(name))), std::move(hint));
  return name;
}

constexpr std::array<std::string_view, 19> kVerbs = {"apply",     "patch",        "delete",   "cordon",   "uncordon", "drain",  "addNode",
                                                     "removeNode", "failNode",    "shutdownNode", "failPod", "setImage", "rollback", "suspend",
                                                     "resume",    "stopController", "startController", "apiOutage", "kubectl"};

/// The verbs whose value is an object of fields.
std::optional<Verb> read_plain_verb(std::string_view name, Fields& f) {
  const std::vector<std::string_view> suspendable = {"Job", "CronJob", "Workflow"};
  if (name == "patch") return read_patch(f);
  if (name == "delete") return read_delete(f);
  if (name == "cordon") return verb::Cordon{read_node_target(f)};
  if (name == "uncordon") return verb::Uncordon{read_node_target(f)};
  if (name == "drain") return read_drain(f);
  if (name == "removeNode") return verb::RemoveNode{read_node_target(f)};
  if (name == "failNode") return read_fail_node(f);
  if (name == "shutdownNode") {
    verb::ShutdownNode out;
    out.node = read_node_target(f);
    out.grace_period = f.duration("gracePeriod").value_or(out.grace_period);
    out.critical_grace_period = f.duration("gracePeriodCriticalPods").value_or(out.critical_grace_period);
    if (out.critical_grace_period > out.grace_period) f.problems().add(f.at("gracePeriodCriticalPods"), "must not be longer than gracePeriod", "it is the part of it that critical pods have");
    return out;
  }
  if (name == "failPod") return read_fail_pod(f);
  if (name == "setImage") return read_set_image(f);
  if (name == "rollback") return read_rollback(f);
  if (name == "suspend") return verb::Suspend{read_target(f, suspendable)};
  if (name == "resume") return verb::Resume{read_target(f, suspendable)};
  if (name == "stopController") return verb::StopController{read_controller(f)};
  if (name == "startController") return verb::StartController{read_controller(f)};
  if (name == "apiOutage") {
    if (f.is_object() && !f.has("for")) f.missing("for");
    return verb::ApiOutage{f.distribution("for").value_or(distribution::Constant{})};
  }
  return std::nullopt;
}

void read_verb(Problems& problems, ManifestLoader& manifests, std::string_view name, const json& value, const std::string& pointer, TimelineAction& out) {
  if (name == "apply") {
    if (auto v = read_apply(problems, manifests, value, pointer)) out.verbs.emplace_back(std::move(*v));
  } else if (name == "addNode") {
    if (auto v = read_add_node(problems, value, pointer)) out.verbs.emplace_back(std::move(*v));
  } else if (name == "kubectl") {
    const auto text = read_text(problems, value, pointer);
    if (!text) return;
    out.command = *text;
    out.verbs = read_kubectl(problems, manifests, *text, pointer);
  } else {
    Fields f(problems, value, pointer);
    if (auto v = read_plain_verb(name, f)) out.verbs.push_back(std::move(*v));
    f.finish();
  }
}

/// Whether the distribution can yield nothing but zero.
bool is_zero(const DurationDistribution& d) {
  const auto* constant = std::get_if<distribution::Constant>(&d);
  return constant && constant->value == Duration::zero();
}

TimelineAction read_action(Problems& problems, ManifestLoader& manifests, const json& value, const std::string& pointer) {
  TimelineAction out;
  out.from.pointer = pointer;
  Fields f(problems, value, pointer);
  if (!f.is_object()) return out;
  if (!f.has("at") && !f.has("every")) f.missing("at", "the time since the start, for example \"60s\"");
  out.every = f.distribution("every");
  // Without `at` the first turn comes after the first interval, as with any periodic job.
  if (auto at = f.distribution("at"))
    out.at = std::move(*at);
  else if (out.every)
    out.at = *out.every;
  out.times = f.integer("times", 1, kMaxTimes);
  if (f.has("times") && !f.has("every")) problems.add(f.at("times"), "\"times\" needs \"every\"");
  if (out.every && is_zero(*out.every)) problems.add(f.at("every"), "the distance must be longer than zero");
  std::vector<std::string_view> given;
  for (std::string_view name : kVerbs) {
    const json* v = f.take(name);
    if (!v) continue;
    given.push_back(name);
    read_verb(problems, manifests, name, *v, f.at(name), out);
  }
  if (given.size() > 1) problems.add(pointer, fmt::format("one action has one verb, this one has {}", fmt::join(given, ", ")), "make several entries of it");
  const std::size_t before = problems.size();
  f.finish();
  // A misspelt verb has been reported as an unknown field already.
  if (given.empty() && problems.size() == before) problems.add(pointer, "the action has no verb", fmt::format("one of {}", fmt::join(kVerbs, ", ")));
  return out;
}

}  // namespace

std::vector<TimelineAction> read_timeline(Problems& problems, ManifestLoader& manifests, const json& list, const std::string& pointer) {
  std::vector<TimelineAction> out;
  for (std::size_t i = 0; i < list.size() && !problems.full(); ++i) out.push_back(read_action(problems, manifests, list[i], child(pointer, i)));
  return out;
}

}  // namespace orrery::scenario_reading
