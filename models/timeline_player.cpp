#include "timeline_player.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/selector.hpp"
#include "orrery/models/kubelet.hpp"

namespace orrery {

using Json = nlohmann::json;

namespace {
enum : std::uint16_t { kTurn = 1, kStartController = 2, kOutageOver = 3, kNoticed = 4 };
constexpr Duration kLookAgain = std::chrono::seconds{5};
/// By then a silent node has been found: a lease 10 s old at most, 50 s of grace, a pass every 5 s (N-027).
constexpr Duration kNoticeMax = std::chrono::seconds{70};
constexpr std::uint64_t kTimelineDraws = purpose("timeline.action");

/// What a person does through the API, as opposed to what happens to machines and processes.
bool is_api_call(const Verb& v) {
  return !std::holds_alternative<verb::FailNode>(v) && !std::holds_alternative<verb::ShutdownNode>(v) && !std::holds_alternative<verb::FailPod>(v) &&
         !std::holds_alternative<verb::StopController>(v) && !std::holds_alternative<verb::StartController>(v) && !std::holds_alternative<verb::ApiOutage>(v);
}

/// A selector that selects nothing is more likely a mistake than a wish.
std::string no_node(const NodeTarget& target) { return fmt::format("no node matches the selector \"{}\"", target.selector); }
}  // namespace

TimelinePlayer::TimelinePlayer(Simulation& simulation)
    : sim_(simulation), cluster_(simulation.cluster()), self_(simulation.cluster().kernel().add(*this)), drains_(cluster_, simulation.api_) {}

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
    Start& s = starts_[e.a];
    if (s.turn != e.b) return;
    if (outages_ > 0) {
      s.waits = true;
      return;
    }
    s.pending = false;
    sim_.controllers_[e.a]->start();
    return;
  }
  if (e.kind == kOutageOver) {
    if (--outages_ == 0) end_outage();
    return;
  }
  if (e.kind == kNoticed) {
    const Notice& n = notices_[e.a];
    const Node* node = cluster_.store().live_node(n.node);
    const Condition* ready = node == nullptr ? nullptr : find_condition(node->conditions, sym::Ready);
    if (ready != nullptr && ready->status != sym::Unknown && cluster_.now() < n.until) cluster_.kernel().after(kLookAgain, Phase::timeline, self_, kNoticed, e.a);
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
  from_ = &action.from;
  for (const Verb& v : action.verbs) {
    if (outages_ > 0 && is_api_call(v)) {
      refuse(action, "Unable to connect to the server: the API server does not answer (apiOutage)");
      return;
    }
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

void TimelinePlayer::print(const SourceRef& from, bool is_error, std::string line) { sim_.print({sim_.elapsed(), is_error, std::move(line), from}); }

void TimelinePlayer::await_notice(const std::string& node, Duration patience) {
  notices_.push_back({node, add_checked(cluster_.now(), std::min(patience, kNoticeMax))});
  cluster_.kernel().after(kLookAgain, Phase::timeline, self_, kNoticed, notices_.size() - 1);
}

// ---- what an action is about

std::vector<std::string> TimelinePlayer::nodes(const NodeTarget& target, Turn& turn) {
  if (target.selector.empty()) return {target.name};
  std::vector<std::string> out;
  for (const auto& o : objects({"Node", "", ""}, target.selector, "", {})) out.emplace_back(o->name());
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
    if (kind == Kind::other && !is_of_kind(*o, target.kind, cluster_.names())) continue;
    if (!target.name.empty() && o->name() != target.name) continue;
    if (on != 0 && static_cast<const Pod&>(*o).node != on) continue;
    if (!wanted || !wanted->matches(o->meta.labels() ? o->meta.labels()->items : no_labels)) continue;
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
    if (!r.ok()) return r.message();
  }
  return {};
}

std::string TimelinePlayer::run(const verb::Patch& v, Turn&) {
  const PatchType type = v.type == verb::Patch::Type::json    ? PatchType::json
                         : v.type == verb::Patch::Type::merge ? PatchType::merge
                                                              : PatchType::strategic;
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, type, v.patch).message();
}

std::string TimelinePlayer::run(const verb::Delete& v, Turn&) {
  std::vector<std::pair<std::string, std::string>> found{{v.target.ns, v.target.name}};
  if (v.target.name.empty()) {
    found.clear();
    for (const auto& o : objects(v.target, v.selector, v.node, v.count)) found.emplace_back(cluster_.text(o->ns()), o->name());
  }
  DeleteOptions options;
  options.grace_s = v.grace_period_seconds.value_or(-1);
  using P = verb::Delete::Propagation;
  options.propagation = v.propagation == P::foreground ? Propagation::foreground : v.propagation == P::orphan ? Propagation::orphan : Propagation::background;
  for (const auto& [ns, name] : found) {
    const ApiResult r = sim_.api_.remove(v.target.kind, ns, name, options);
    if (!r.ok() && !(v.ignore_not_found && r.status == ApiStatus::not_found)) return r.message();
  }
  return {};
}

std::string TimelinePlayer::run(const verb::Cordon& v, Turn& turn) {
  const std::vector<std::string> hit = nodes(v.node, turn);
  if (hit.empty()) return no_node(v.node);
  for (const std::string& n : hit) {
    const ApiResult r = sim_.api_.patch("Node", "", n, PatchType::strategic, {{"spec", {{"unschedulable", true}}}});
    if (!r.ok()) return r.message();
  }
  return {};
}
std::string TimelinePlayer::run(const verb::Uncordon& v, Turn& turn) {
  const std::vector<std::string> hit = nodes(v.node, turn);
  if (hit.empty()) return no_node(v.node);
  for (const std::string& n : hit) {
    const ApiResult r = sim_.api_.patch("Node", "", n, PatchType::strategic, {{"spec", {{"unschedulable", nullptr}}}});
    if (!r.ok()) return r.message();
  }
  return {};
}

std::string TimelinePlayer::run(const verb::AddNode& v, Turn&) { return sim_.api_.apply(v.node).message(); }

std::string TimelinePlayer::run(const verb::RemoveNode& v, Turn& turn) {
  const std::vector<std::string> hit = nodes(v.node, turn);
  if (hit.empty()) return no_node(v.node);
  for (const std::string& n : hit) {
    const ApiResult r = sim_.api_.remove("Node", "", n, {});
    if (!r.ok()) return r.message();
  }
  return {};
}

std::string TimelinePlayer::run(const verb::FailNode& v, Turn& turn) {
  using Mode = verb::FailNode::Mode;
  const NodeFailure mode = v.mode == Mode::crash ? NodeFailure::crash : v.mode == Mode::partition ? NodeFailure::partition : NodeFailure::kubelet;
  // One action takes down all of a failure domain at once.
  const std::vector<std::string> hit = nodes(v.node, turn);
  if (hit.empty()) return no_node(v.node);
  for (const std::string& n : hit) {
    const Duration lasts = v.lasts ? sample(*v.lasts, turn.random) : kForever;
    if (!sim_.kubelets_->fail_node(n, mode, lasts)) return fmt::format("nodes \"{}\" not found", n);
    await_notice(n, lasts);
    note_failure(n, lasts);
  }
  return {};
}

std::string TimelinePlayer::run(const verb::ShutdownNode& v, Turn& turn) {
  const std::vector<std::string> hit = nodes(v.node, turn);
  if (hit.empty()) return no_node(v.node);
  for (const std::string& n : hit) {
    if (!sim_.kubelets_->shutdown_node(n, v.grace_period, v.critical_grace_period)) return fmt::format("nodes \"{}\" not found", n);
    await_notice(n, kForever);
    note_failure(n, kForever);
  }
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
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, PatchType::strategic, patch).message();
}

std::string TimelinePlayer::run(const verb::Restart& v, Turn&) {
  const std::string now = format_rfc3339(unix_seconds(cluster_.now()));
  const Json patch = {{"spec", {{"template", {{"metadata", {{"annotations", {{"kubectl.kubernetes.io/restartedAt", now}}}}}}}}}};
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, PatchType::strategic, patch).message();
}

std::string TimelinePlayer::run(const verb::Relabel& v, Turn&) {
  const char* field = v.annotations ? "annotations" : "labels";
  const auto found = objects(v.target, v.selector, "", {});
  if (found.empty() && !v.target.name.empty()) return fmt::format("{} \"{}\" not found", resource_name(kind_from_name(v.target.kind)), v.target.name);
  for (const auto& o : found) {
    const Json whole = to_json(*o, cluster_.names());
    const Json& meta = whole["metadata"];
    if (!v.overwrite && meta.contains(field))
      for (const auto& [key, value] : v.changes.items()) {
        if (value.is_null() || !meta[field].contains(key) || meta[field][key] == value) continue;
        const std::string current = meta[field].value(key, "");
        return v.annotations ? fmt::format("error: --overwrite is false but found the following declared annotation(s): '{}' already has a value ({})", key, current)
                             : fmt::format("error: '{}' already has a value ({}), and --overwrite is false", key, current);
      }
    const std::string ns(cluster_.text(o->ns()));
    const ApiResult r = sim_.api_.patch(v.target.kind, ns, o->name(), PatchType::merge, {{"metadata", {{field, v.changes}}}});
    if (!r.ok()) return r.message();
  }
  return {};
}

// Source: kubectl/pkg/cmd/create/create_job.go.
std::string TimelinePlayer::run(const verb::CreateJob& v, Turn&) {
  const Object* object = sim_.api_.find(v.cron_job.kind, v.cron_job.ns, v.cron_job.name);
  if (object == nullptr) return fmt::format("{} \"{}\" not found", resource_name(kind_from_name(v.cron_job.kind)), v.cron_job.name);
  const Json cron_job = to_json(*object, cluster_.names());
  const Json::json_pointer kTemplate("/spec/jobTemplate");
  const Json job_template = cron_job.contains(kTemplate) ? cron_job[kTemplate] : Json::object();
  const Json meta = job_template.value("metadata", Json::object());
  Json annotations = {{"cronjob.kubernetes.io/instantiate", "manual"}};
  annotations.update(meta.value("annotations", Json::object()));
  Json job = {{"apiVersion", "batch/v1"},
              {"kind", "Job"},
              {"metadata",
               {{"name", v.name},
                {"namespace", v.cron_job.ns},
                {"annotations", std::move(annotations)},
                {"ownerReferences",
                 Json::array({{{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"name", v.cron_job.name}, {"uid", cron_job["metadata"].value("uid", "")}, {"controller", true}}})}}},
              {"spec", job_template.value("spec", Json::object())}};
  if (meta.contains("labels")) job["metadata"]["labels"] = meta["labels"];
  return sim_.api_.create(job).message();
}

std::string TimelinePlayer::run(const verb::Suspend& v, Turn&) {
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, PatchType::strategic, {{"spec", {{"suspend", true}}}}).message();
}
std::string TimelinePlayer::run(const verb::Resume& v, Turn&) {
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, PatchType::strategic, {{"spec", {{"suspend", false}}}}).message();
}

std::string TimelinePlayer::run(const verb::Taint& v, Turn& turn) {
  const std::vector<std::string> hit = nodes(v.node, turn);
  if (hit.empty()) return no_node(v.node);
  for (const std::string& name : hit) {
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
    if (!r.ok()) return r.message();
  }
  return {};
}

std::string TimelinePlayer::run(const verb::Drain& v, Turn& turn) {
  const SourceRef from = *from_;
  return drains_.start(nodes(v.node, turn), v,
                       {[this, from](bool is_error, std::string line) { print(from, is_error, std::move(line)); },
                        [this, from](std::string why) { sim_.refusals_.push_back({sim_.elapsed(), std::move(why), from}); }});
}

/// What `kubectl rollout undo` does (D-113): the template of an older revision is patched in.
std::string TimelinePlayer::run(const verb::Rollback& v, Turn&) {
  const Object* object = sim_.api_.find(v.target.kind, v.target.ns, v.target.name);
  if (object == nullptr) return fmt::format("{} \"{}\" not found", resource_name(kind_from_name(v.target.kind)), v.target.name);
  if (object->kind != Kind::daemonset) return fmt::format("error: no rollbacker has been implemented for \"{}\"", v.target.kind);
  const DaemonSet& set = static_cast<const DaemonSet&>(*object);
  std::map<std::int64_t, Ref<const ControllerRevision>> history;
  for (const auto& o : cluster_.store().list(Kind::controllerrevision)) {
    const OwnerReference* owner = o->meta.controller();
    if (o->ns() != set.ns() || owner == nullptr || owner->uid != set.uid() || !labels_match(set.spec->selector, o->meta.labels().get())) continue;
    Ref<const ControllerRevision> r(static_cast<const ControllerRevision*>(o.get()));
    history.insert_or_assign(r->revision, r);
  }
  Ref<const ControllerRevision> target;
  if (v.to_revision == 0) {
    if (history.size() < 2) return "error: no last revision to roll back to";
    target = std::next(history.rbegin())->second;
  } else if (auto it = history.find(v.to_revision); it != history.end()) {
    target = it->second;
  } else {
    return fmt::format("error: unable to find specified revision {} in history", v.to_revision);
  }
  if (target->data->text == set.spec->revision_data()) return {};  // kubectl skips it
  return sim_.api_.patch(v.target.kind, v.target.ns, v.target.name, PatchType::strategic, Json::parse(target->data->text, nullptr, false)).message();
}

std::string TimelinePlayer::run(const verb::StopController& v, Turn&) {
  starts_.resize(sim_.controllers_.size());
  for (std::size_t i = 0; i < sim_.controllers_.size(); ++i) {
    Controller& c = *sim_.controllers_[i];
    if (c.name() != v.controller) continue;
    if (!c.running() && !starts_[i].pending) return fmt::format("controller {} is not running", v.controller);
    ++starts_[i].turn;
    starts_[i].pending = starts_[i].waits = false;
    c.stop();
    return {};
  }
  return fmt::format("stopController: the {} controller is not part of this version", v.controller);
}

std::string TimelinePlayer::run(const verb::StartController& v, Turn&) {
  starts_.resize(sim_.controllers_.size());
  for (std::size_t i = 0; i < sim_.controllers_.size(); ++i) {
    if (sim_.controllers_[i]->name() != v.controller) continue;
    if (sim_.controllers_[i]->running() || starts_[i].pending) return fmt::format("controller {} is running already", v.controller);
    // Its caches are filled and its workers running one watch latency after the process starts.
    starts_[i].pending = true;
    cluster_.kernel().after(cluster_.timing().watch_latency, Phase::timer, self_, kStartController, i, ++starts_[i].turn);
    return {};
  }
  return fmt::format("startController: the {} controller is not part of this version", v.controller);
}

void TimelinePlayer::note_failure(const std::string& node, Duration lasts) {
  const Node* n = cluster_.store().live_node(node);
  if (n == nullptr) return;
  Time& until = failed_until_[n->meta.id->serial];
  until = std::max(until, add_checked(cluster_.now(), lasts));
}

/// Nothing reaches the API: controllers get no answer, and every kubelet is as good as partitioned until it is over.
void TimelinePlayer::begin_outage(Duration lasts) {
  ++outages_;
  cluster_.api_down = true;
  for (const auto& node : cluster_.store().list(Kind::node)) {
    // Who cannot write anyway is left alone: the end of the outage does not bring it back.
    if (const auto it = failed_until_.find(node->meta.id->serial); it != failed_until_.end() && it->second > cluster_.now()) continue;
    (void)sim_.kubelets_->fail_node(node->name(), NodeFailure::partition, lasts);
    note_failure(std::string(node->name()), lasts);
  }
  if (lasts != kForever) cluster_.kernel().after(lasts, Phase::timeline, self_, kOutageOver);
}

void TimelinePlayer::end_outage() {
  cluster_.api_down = false;
  for (std::size_t i = 0; i < starts_.size(); ++i)
    if (std::exchange(starts_[i].waits, false)) cluster_.kernel().after(cluster_.timing().watch_latency, Phase::timer, self_, kStartController, i, starts_[i].turn);
}

std::string TimelinePlayer::run(const verb::ApiOutage& v, Turn& turn) {
  begin_outage(sample(v.lasts, turn.random));
  return {};
}

}  // namespace orrery
