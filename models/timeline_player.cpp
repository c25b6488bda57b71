#include "timeline_player.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/selector.hpp"
#include "orrery/models/kubelet.hpp"

namespace orrery {

using Json = nlohmann::json;

namespace {
enum : std::uint16_t { kTurn = 1, kStartController = 2, kOutageOver = 3 };
constexpr std::uint64_t kTimelineDraws = purpose("timeline.action");
}  // namespace

TimelinePlayer::TimelinePlayer(Simulation& simulation)
    : sim_(simulation), cluster_(simulation.cluster()), self_(simulation.cluster().kernel().add(*this)) {}

void TimelinePlayer::begin() {
  const auto& actions = sim_.scenario_.timeline;
  turns_.reserve(actions.size());
  for (std::size_t i = 0; i < actions.size(); ++i) {
    turns_.push_back({RandomStream(cluster_.seed(), kTimelineDraws, i)});
    const Duration at = sample(actions[i].at, turns_.back().random);
    if (at != kForever) cluster_.kernel().at(add_checked(sim_.scenario_.start, at), Phase::timeline, self_, kTurn, i);
  }
}

void TimelinePlayer::on_event(const Event& e) {
  if (e.kind == kStartController) {
    sim_.controllers_[e.a]->start();
    return;
  }
  if (e.kind == kOutageOver) {
    if (--outages_ == 0) set_outage(false);
    return;
  }
  const TimelineAction& action = sim_.scenario_.timeline[e.a];
  Turn& turn = turns_[e.a];
  act(action, turn);
  ++turn.done;
  if (!action.every || (action.times && turn.done >= *action.times)) return;
  const Duration gap = std::max(sample(*action.every, turn.random), Duration(kShortestEvery));
  // An action that recurs for ever must not keep a run alive that has settled.
  if (gap == kForever) return;
  if (action.times)
    cluster_.kernel().after(gap, Phase::timeline, self_, kTurn, e.a);
  else
    cluster_.kernel().after_background(gap, Phase::timeline, self_, kTurn, e.a);
}

void TimelinePlayer::act(const TimelineAction& action, Turn& turn) {
  for (const Verb& v : action.verbs) {
    std::string why = std::visit([&](const auto& x) { return run(x, turn); }, v);
    if (!why.empty()) {
      refuse(action, std::move(why));
      return;
    }
  }
}

void TimelinePlayer::refuse(const TimelineAction& action, std::string message) {
  sim_.refusals_.push_back({sim_.elapsed(), std::move(message), action.from});
}

// ---- what an action is about

std::vector<std::string> TimelinePlayer::nodes(const NodeTarget& target, Turn& turn) {
  if (target.selector.empty()) return {target.name};
  std::vector<std::string> out;
  for (const auto& o : objects({"Node", "", ""}, target.selector, "", {})) out.push_back(o->name());
  if (target.count)
    for (std::size_t kept = 0; kept < out.size(); ++kept) {
      if (static_cast<std::int64_t>(kept) == *target.count) {
        out.resize(kept);
        break;
      }
      std::swap(out[kept], out[kept + turn.random.below(out.size() - kept)]);
    }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<Ref<const Object>> TimelinePlayer::objects(const ObjectName& target, const std::string& selector, const std::string& node,
                                                 std::optional<std::int64_t> count) {
  const Kind kind = kind_from_name(target.kind);
  const Symbol ns = target.ns.empty() ? Symbol{0} : cluster_.symbol(target.ns);
  const auto wanted = parse_selector(selector);
  const Symbol on = node.empty() ? Symbol{0} : cluster_.symbol(node);
  std::vector<Ref<const Object>> found;
  const std::vector<std::pair<std::string, std::string>> no_labels;
  for (const auto& o : cluster_.store().list(kind)) {
    if (ns != 0 && o->ns() != ns) continue;
    if (!target.name.empty() && o->name() != target.name) continue;
    if (on != 0 && static_cast<const Pod&>(*o).node != on) continue;
    if (!wanted || !wanted->matches(o->meta.labels ? o->meta.labels->items : no_labels)) continue;
    found.push_back(o);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a->meta.id->serial < b->meta.id->serial; });
  if (count && static_cast<std::int64_t>(found.size()) > *count) found.resize(static_cast<std::size_t>(*count));
  return found;
}

// ---- verbs

std::string TimelinePlayer::run(const verb::Apply& v, Turn&) {
  for (const ManifestObject& m : v.objects) {
    const ApiResult r = v.mode == verb::Apply::Mode::create ? sim_.api_.create(m.object) : sim_.api_.apply(m.object);
    if (!r.ok()) return r.message;
  }
  return {};
}

std::string TimelinePlayer::run(const verb::Patch& v, Turn&) {
  const PatchType type = v.type == verb::Patch::Type::json    ? PatchType::json
                         : v.type == verb::Patch::Type::merge ? PatchType::merge
                                                              : PatchType::strategic;
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, type, v.patch).message;
}

std::string TimelinePlayer::run(const verb::Delete& v, Turn&) {
  std::vector<std::string> names{v.target.name};
  if (v.target.name.empty()) {
    names.clear();
    for (const auto& o : objects(v.target, v.selector, v.node, v.count)) names.push_back(o->name());
  }
  DeleteOptions options;
  options.grace_s = v.grace_period_seconds.value_or(-1);
  using P = verb::Delete::Propagation;
  options.propagation = v.propagation == P::foreground ? Propagation::foreground : v.propagation == P::orphan ? Propagation::orphan : Propagation::background;
  for (const std::string& name : names) {
    const ApiResult r = sim_.api_.remove(v.target.kind, v.target.ns, name, options);
    if (!r.ok()) return r.message;
  }
  return {};
}

std::string TimelinePlayer::run(const verb::Cordon& v, Turn& turn) {
  for (const std::string& n : nodes(v.node, turn)) {
    const ApiResult r = sim_.api_.patch("Node", "", n, PatchType::strategic, {{"spec", {{"unschedulable", true}}}});
    if (!r.ok()) return r.message;
  }
  return {};
}
std::string TimelinePlayer::run(const verb::Uncordon& v, Turn& turn) {
  for (const std::string& n : nodes(v.node, turn)) {
    const ApiResult r = sim_.api_.patch("Node", "", n, PatchType::strategic, {{"spec", {{"unschedulable", nullptr}}}});
    if (!r.ok()) return r.message;
  }
  return {};
}

std::string TimelinePlayer::run(const verb::AddNode& v, Turn&) { return sim_.api_.apply(v.node).message; }

std::string TimelinePlayer::run(const verb::RemoveNode& v, Turn& turn) {
  for (const std::string& n : nodes(v.node, turn)) {
    const ApiResult r = sim_.api_.remove("Node", "", n, {});
    if (!r.ok()) return r.message;
  }
  return {};
}

std::string TimelinePlayer::run(const verb::FailNode& v, Turn& turn) {
  using Mode = verb::FailNode::Mode;
  const NodeFailure mode = v.mode == Mode::crash ? NodeFailure::crash : v.mode == Mode::partition ? NodeFailure::partition : NodeFailure::kubelet;
  for (const std::string& n : nodes(v.node, turn)) {
    const Duration lasts = v.lasts ? sample(*v.lasts, turn.random) : kForever;
    if (!sim_.kubelets_->fail_node(n, mode, lasts)) return fmt::format("nodes \"{}\" not found", n);
  }
  return {};
}

std::string TimelinePlayer::run(const verb::ShutdownNode& v, Turn& turn) {
  for (const std::string& n : nodes(v.node, turn))
    if (!sim_.kubelets_->shutdown_node(n, v.grace_period)) return fmt::format("nodes \"{}\" not found", n);
  return {};
}

std::string TimelinePlayer::run(const verb::FailPod& v, Turn&) {
  const auto pods = objects({"Pod", v.ns, v.name}, v.selector, v.node, {});
  if (sim_.kubelets_->fail_pods(pods, v.count.value_or(0), v.exit_code, v.reason) == 0) return "failPod: nothing matches";
  return {};
}

std::string TimelinePlayer::run(const verb::SetImage& v, Turn&) {
  const Object* object = sim_.api_.find(v.target.kind, v.target.ns, v.target.name);
  if (object == nullptr) return fmt::format("{} \"{}\" not found", resource_name(kind_from_name(v.target.kind)), v.target.name);
  const Json whole = to_json(*object, cluster_.names());
  const std::string path = v.target.kind == "Pod"       ? "/spec/containers"
                           : v.target.kind == "CronJob" ? "/spec/jobTemplate/spec/template/spec/containers"
                                                        : "/spec/template/spec/containers";
  const Json::json_pointer pointer(path);
  Json containers = Json::array();
  if (whole.contains(pointer))
    for (const Json& c : whole[pointer])
      if (v.container == "*" || c.value("name", "") == v.container) containers.push_back({{"name", c.value("name", "")}, {"image", v.image}});
  if (containers.empty()) return fmt::format("error: unable to find container named \"{}\"", v.container);
  Json patch;
  patch[pointer] = containers;
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, PatchType::strategic, patch).message;
}

std::string TimelinePlayer::run(const verb::Restart& v, Turn&) {
  const std::string now = format_rfc3339(unix_seconds(cluster_.now()));
  const Json patch = {{"spec", {{"template", {{"metadata", {{"annotations", {{"kubectl.kubernetes.io/restartedAt", now}}}}}}}}}};
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, PatchType::strategic, patch).message;
}

std::string TimelinePlayer::run(const verb::Suspend& v, Turn&) {
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, PatchType::strategic, {{"spec", {{"suspend", true}}}}).message;
}
std::string TimelinePlayer::run(const verb::Resume& v, Turn&) {
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, PatchType::strategic, {{"spec", {{"suspend", false}}}}).message;
}

std::string TimelinePlayer::run(const verb::Taint& v, Turn& turn) {
  for (const std::string& name : nodes(v.node, turn)) {
    const Object* object = sim_.api_.find("Node", "", name);
    if (object == nullptr) return fmt::format("nodes \"{}\" not found", name);
    const Node& node = static_cast<const Node&>(*object);
    Json taints = Json::array();
    auto touched = [&](const Taint& t, const verb::Taint::Change& c) { return t.key == c.key && (c.effect.empty() || cluster_.text(t.effect) == c.effect); };
    for (const Taint& t : node.taints) {
      bool keep = true;
      for (const auto& c : v.changes) {
        if (!touched(t, c)) continue;
        if (!c.remove && !v.overwrite && t.value != c.value)
          return fmt::format("error: node {} already has {} taint(s) with same effect(s) and --overwrite is false", name, t.key);
        keep = false;
      }
      if (keep) taints.push_back({{"key", t.key}, {"value", t.value}, {"effect", cluster_.text(t.effect)}});
    }
    for (const auto& c : v.changes) {
      if (c.remove) continue;
      Json taint = {{"key", c.key}, {"effect", c.effect}};
      if (!c.value.empty()) taint["value"] = c.value;
      taints.push_back(std::move(taint));
    }
    const ApiResult r = sim_.api_.patch("Node", "", name, PatchType::merge, {{"spec", {{"taints", taints.empty() ? Json(nullptr) : taints}}}});
    if (!r.ok()) return r.message;
  }
  return {};
}

std::string TimelinePlayer::run(const verb::Drain&, Turn&) { return "drain: the eviction API is not part of this version"; }
std::string TimelinePlayer::run(const verb::Rollback&, Turn&) { return "rollback: the DaemonSet controller is not part of this version"; }

std::string TimelinePlayer::run(const verb::StopController& v, Turn&) {
  Controller* c = sim_.controller(v.controller);
  if (c == nullptr) return fmt::format("stopController: the {} controller is not part of this version", v.controller);
  if (!c->running()) return fmt::format("controller {} is not running", v.controller);
  c->stop();
  return {};
}

std::string TimelinePlayer::run(const verb::StartController& v, Turn&) {
  for (std::size_t i = 0; i < sim_.controllers_.size(); ++i)
    if (sim_.controllers_[i]->name() == v.controller) {
      // Its caches are filled and its workers running one watch latency after the process starts.
      cluster_.kernel().after(cluster_.timing().watch_latency, Phase::timer, self_, kStartController, i);
      return {};
    }
  return fmt::format("startController: the {} controller is not part of this version", v.controller);
}

void TimelinePlayer::set_outage(bool down) {
  for (auto& c : sim_.controllers_) c->client().set_outage(down);
}

std::string TimelinePlayer::run(const verb::ApiOutage& v, Turn& turn) {
  const Duration lasts = sample(v.lasts, turn.random);
  ++outages_;
  set_outage(true);
  if (lasts != kForever) cluster_.kernel().after(lasts, Phase::timeline, self_, kOutageOver);
  return {};
}

}  // namespace orrery
