// Objects from JSON that has passed strict decoding, defaulting and validation: fields have their types.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "orrery/api/defaults.hpp"
#include "orrery/cluster/cron_job.hpp"
#include "orrery/cluster/objects.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/core/check.hpp"

namespace orrery {

using Json = nlohmann::json;

namespace {

const Json kNull;

/// The member, or null where it or its object is missing.
const Json& at(const Json& o, const char* key) {
  if (!o.is_object()) return kNull;
  auto it = o.find(key);
  return it == o.end() ? kNull : *it;
}
std::string text_of(const Json& v) { return v.is_string() ? v.get<std::string>() : std::string{}; }
std::string text_at(const Json& o, const char* key) { return text_of(at(o, key)); }
std::int64_t int_or(const Json& v, std::int64_t otherwise) { return v.is_number_integer() ? v.get<std::int64_t>() : otherwise; }
std::int64_t int_at(const Json& o, const char* key, std::int64_t otherwise) { return int_or(at(o, key), otherwise); }
std::int32_t int32_at(const Json& o, const char* key, std::int32_t otherwise) { return static_cast<std::int32_t>(int_at(o, key, otherwise)); }
bool bool_at(const Json& o, const char* key) {
  const Json& v = at(o, key);
  return v.is_boolean() && v.get<bool>();
}
Symbol symbol_at(const Json& o, const char* key, Interner& names) { return names.intern(text_at(o, key)); }
Stamp stamp_at(const Json& o, const char* key) {
  auto t = parse_rfc3339(text_at(o, key));
  return t ? stamp(*t) : Stamp{};
}

Ref<const StringMap> map_at(const Json& o, const char* key) {
  const Json& m = at(o, key);
  if (!m.is_object() || m.empty()) return {};
  std::vector<std::pair<std::string, std::string>> items;
  items.reserve(m.size());
  for (const auto& [k, v] : m.items()) items.emplace_back(k, text_of(v));
  return make_string_map(std::move(items));
}

Conditions conditions_of(const Json& list, const char* probe_key, Interner& names) {
  Conditions out;
  if (list.is_array())
    for (const Json& c : list)
      out.push_back({symbol_at(c, "type", names), symbol_at(c, "status", names), symbol_at(c, "reason", names), symbol_at(c, "message", names),
                     stamp_at(c, "lastTransitionTime"), stamp_at(c, probe_key), int32_at(c, "observedGeneration", 0)});
  return out;
}

// ---- pod specs

RestartPolicy policy_from(std::string_view s) {
  return s == "OnFailure" ? RestartPolicy::on_failure : s == "Never" ? RestartPolicy::never : RestartPolicy::always;
}

ProbeSpec probe_of(const Json& p) {
  if (!p.is_object()) return {};
  return {true,
          int32_at(p, "initialDelaySeconds", 0),
          int32_at(p, "periodSeconds", 10),
          int32_at(p, "timeoutSeconds", 1),
          int32_at(p, "successThreshold", 1),
          int32_at(p, "failureThreshold", 3),
          int_at(p, "terminationGracePeriodSeconds", -1)};
}

ContainerSpec container_of(const Json& c, Interner& names) {
  ContainerSpec out;
  out.name = symbol_at(c, "name", names);
  out.image = symbol_at(c, "image", names);
  out.has_restart_policy = at(c, "restartPolicy").is_string();
  if (out.has_restart_policy) out.restart_policy = policy_from(text_at(c, "restartPolicy"));
  if (const Json& rules = at(c, "restartPolicyRules"); rules.is_array())
    for (const Json& r : rules) {
      RestartRule rule;
      rule.restart_all = text_at(r, "action") == "RestartAllContainers";
      rule.negate = text_at(at(r, "exitCodes"), "operator") == "NotIn";
      if (const Json& values = at(at(r, "exitCodes"), "values"); values.is_array())
        for (const Json& v : values) rule.codes.push_back(static_cast<std::int32_t>(int_or(v, 0)));
      out.restart_rules.push_back(std::move(rule));
    }
  const std::string pull = text_at(c, "imagePullPolicy");
  out.pull = pull == "Always" ? PullPolicy::always : pull == "Never" ? PullPolicy::never : PullPolicy::if_not_present;
  out.liveness = probe_of(at(c, "livenessProbe"));
  out.readiness = probe_of(at(c, "readinessProbe"));
  out.startup = probe_of(at(c, "startupProbe"));
  out.pre_stop_sleep_s = int_at(at(at(at(c, "lifecycle"), "preStop"), "sleep"), "seconds", -1);
  return out;
}

Toleration toleration_of(const Json& t, Interner& names) {
  Toleration out;
  out.key = text_at(t, "key");
  out.value = text_at(t, "value");
  const std::string op = text_at(t, "operator");
  out.op = op == "Exists" ? Toleration::Op::exists : op == "Lt" ? Toleration::Op::lt : op == "Gt" ? Toleration::Op::gt : Toleration::Op::equal;
  out.effect = symbol_at(t, "effect", names);
  if (const Json& s = at(t, "tolerationSeconds"); s.is_number_integer()) out.seconds = std::max<std::int64_t>(0, s.get<std::int64_t>());
  return out;
}

/// The node that a required node affinity of one term with one field pins the pod to, as for DaemonSet pods; 0 = none.
Symbol pinned_node(const Json& spec, Interner& names) {
  const Json& terms = at(at(at(at(spec, "affinity"), "nodeAffinity"), "requiredDuringSchedulingIgnoredDuringExecution"), "nodeSelectorTerms");
  if (!terms.is_array() || terms.size() != 1) return 0;
  const Json& fields = at(terms[0], "matchFields");
  if (!fields.is_array() || fields.size() != 1 || text_at(fields[0], "key") != "metadata.name" || text_at(fields[0], "operator") != "In") return 0;
  const Json& values = at(fields[0], "values");
  return values.is_array() && values.size() == 1 ? names.intern(text_of(values[0])) : Symbol{0};
}

std::string head_of(const Json& object) {
  std::string s = object.dump(-1, ' ', false, Json::error_handler_t::replace);
  s.pop_back();
  return s;
}

}  // namespace

PodSpec::PodSpec() = default;
PodSpec::~PodSpec() = default;

Ref<const PodSpec> PodSpec::make(Json given, Interner& names) {
  auto out = make_ref<PodSpec>();
  out->json_ = std::make_unique<Json>(std::move(given));
  Json& spec = *out->json_;
  spec.erase("nodeName");
  for (const Json& c : at(spec, "containers")) out->containers.push_back(container_of(c, names));
  if (const Json& list = at(spec, "initContainers"); list.is_array())
    for (const Json& c : list) out->init_containers.push_back(container_of(c, names));
  out->restart_policy = policy_from(text_at(spec, "restartPolicy"));
  out->grace_s = int_at(spec, "terminationGracePeriodSeconds", 30);
  out->active_deadline_s = int_at(spec, "activeDeadlineSeconds", -1);
  out->priority = int32_at(spec, "priority", 0);
  out->host_network = bool_at(spec, "hostNetwork");
  out->gated = at(spec, "schedulingGates").is_array() && !at(spec, "schedulingGates").empty();
  if (const Json& list = at(spec, "tolerations"); list.is_array())
    for (const Json& t : list) out->tolerations_.push_back(toleration_of(t, names));
  out->pinned_node = orrery::pinned_node(spec, names);
  out->scheduler_name = symbol_at(spec, "schedulerName", names);
  out->qos_class = pod_qos_class(spec);
  out->text_ = head_of(spec);
  return out;
}

Ref<const PodSpec> PodSpec::pinned(Ref<const PodSpec> base, Symbol node, std::string_view node_name) {
  auto out = make_ref<PodSpec>();
  out->containers = base->containers;
  out->init_containers = base->init_containers;
  out->restart_policy = base->restart_policy;
  out->grace_s = base->grace_s;
  out->active_deadline_s = base->active_deadline_s;
  out->priority = base->priority;
  out->host_network = base->host_network;
  out->gated = base->gated;
  out->scheduler_name = base->scheduler_name;
  out->qos_class = base->qos_class;
  out->pinned_node = node;
  out->node_name_ = node_name;
  out->base_ = std::move(base);
  return out;
}

Json PodSpec::pinned_json() const {
  Json spec = base_->json();
  spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] =
      Json::array({{{"matchFields", Json::array({{{"key", "metadata.name"}, {"operator", "In"}, {"values", Json::array({node_name_})}}})}}});
  return spec;
}

const Json& PodSpec::json() const {
  if (!json_) json_ = std::make_unique<Json>(pinned_json());
  return *json_;
}

const std::string& PodSpec::text() const {
  if (text_.empty()) text_ = head_of(json_ ? *json_ : pinned_json());
  return text_;
}

// ---- jobs

std::vector<LabelRequirement> label_requirements(const Json& selector) {
  std::vector<LabelRequirement> out;
  if (const Json& labels = at(selector, "matchLabels"); labels.is_object())
    for (const auto& [k, v] : labels.items()) out.push_back({LabelRequirement::Op::in, k, {text_of(v)}});
  if (const Json& list = at(selector, "matchExpressions"); list.is_array())
    for (const Json& e : list) {
      LabelRequirement r;
      const std::string op = text_at(e, "operator");
      using Op = LabelRequirement::Op;
      r.op = op == "In" ? Op::in : op == "NotIn" ? Op::not_in : op == "Exists" ? Op::exists : Op::does_not_exist;
      r.key = text_at(e, "key");
      if (const Json& values = at(e, "values"); values.is_array())
        for (const Json& v : values) r.values.push_back(text_of(v));
      out.push_back(std::move(r));
    }
  return out;
}

namespace {

constexpr const char* kIndexLabel = "batch.kubernetes.io/job-completion-index";

/// J-046: every container that does not define it gets the completion index as an environment variable.
void add_index_variable(Json& containers) {
  if (!containers.is_array()) return;
  for (Json& c : containers) {
    Json& env = c["env"];
    if (!env.is_array()) env = Json::array();
    const bool defined = std::any_of(env.begin(), env.end(), [](const Json& e) { return text_at(e, "name") == "JOB_COMPLETION_INDEX"; });
    if (!defined)
      env.push_back({{"name", "JOB_COMPLETION_INDEX"},
                     {"valueFrom", {{"fieldRef", {{"apiVersion", "v1"}, {"fieldPath", std::string("metadata.labels['") + kIndexLabel + "']"}}}}}});
  }
}

/// D-024, D-026: what every daemon pod tolerates; a toleration of the template that says the same but for its seconds gives way.
void add_daemon_tolerations(Json& spec) {
  Json list = at(spec, "tolerations");
  if (!list.is_array()) list = Json::array();
  auto add = [&](const char* name, const char* effect) {
    const std::string key = std::string("node.kubernetes.io/") + name;
    const Json ours = {{"key", key}, {"operator", "Exists"}, {"effect", effect}};
    bool there = false;
    for (Json& t : list)
      if (text_at(t, "key") == key && text_at(t, "operator") == "Exists" && text_at(t, "effect") == effect && text_at(t, "value").empty()) {
        t = ours;
        there = true;
      }
    if (!there) list.push_back(ours);
  };
  add("not-ready", "NoExecute");
  add("unreachable", "NoExecute");
  for (const char* name : {"disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"}) add(name, "NoSchedule");
  if (bool_at(spec, "hostNetwork")) add("network-unavailable", "NoSchedule");
  spec["tolerations"] = std::move(list);
}

Ref<const PodTemplate> template_of(const Json& t, bool indexed, Interner& names, bool daemon = false) {
  auto out = make_ref<PodTemplate>();
  const Json& meta = at(t, "metadata");
  out->labels = map_at(meta, "labels");
  out->annotations = map_at(meta, "annotations");
  if (const Json& list = at(meta, "finalizers"); list.is_array())
    for (const Json& f : list) out->finalizers.push_back(names.intern(text_of(f)));
  Json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "x"}}}, {"spec", at(t, "spec")}};
  Json& spec = pod["spec"];
  out->hostname = text_at(spec, "hostname");
  if (indexed) {
    spec.erase("hostname");
    add_index_variable(spec["containers"]);
    if (spec.contains("initContainers")) add_index_variable(spec["initContainers"]);
  }
  if (daemon) add_daemon_tolerations(spec);
  prepare_for_create("Pod", pod, {});
  out->pod_spec = PodSpec::make(std::move(pod["spec"]), names);
  return out;
}

PodFailureRule failure_rule(const Json& r, Interner& names) {
  PodFailureRule out;
  const std::string action = text_at(r, "action");
  using Action = PodFailureRule::Action;
  out.action = action == "Ignore"      ? Action::ignore
               : action == "Count"     ? Action::count
               : action == "FailIndex" ? Action::fail_index
               : action == "FailJob"   ? Action::fail_job
                                       : Action::unknown;
  if (const Json& codes = at(r, "onExitCodes"); codes.is_object()) {
    out.on_exit_codes = true;
    out.negate = text_at(codes, "operator") == "NotIn";
    out.container = symbol_at(codes, "containerName", names);
    if (const Json& values = at(codes, "values"); values.is_array())
      for (const Json& v : values) out.codes.push_back(static_cast<std::int32_t>(int_or(v, 0)));
  }
  if (const Json& list = at(r, "onPodConditions"); list.is_array())
    for (const Json& c : list) out.conditions.emplace_back(symbol_at(c, "type", names), symbol_at(c, "status", names));
  return out;
}

}  // namespace

Ref<const JobSpec> JobSpec::make(const Json& spec, Interner& names) {
  auto out = make_ref<JobSpec>();
  out->text_ = spec.dump(-1, ' ', false, Json::error_handler_t::replace);
  out->parallelism = int_at(spec, "parallelism", kUnset);
  out->completions = int_at(spec, "completions", kUnset);
  out->active_deadline_s = int_at(spec, "activeDeadlineSeconds", kUnset);
  out->ttl_s = int_at(spec, "ttlSecondsAfterFinished", kUnset);
  out->backoff_limit = int_at(spec, "backoffLimit", kUnset);
  out->backoff_limit_per_index = int_at(spec, "backoffLimitPerIndex", kUnset);
  out->max_failed_indexes = int_at(spec, "maxFailedIndexes", kUnset);
  const std::string mode = text_at(spec, "completionMode");
  out->indexed = mode == "Indexed";
  out->known_mode = mode.empty() || mode == "NonIndexed" || out->indexed;
  out->suspend = bool_at(spec, "suspend");
  out->manual_selector = bool_at(spec, "manualSelector");
  out->only_failed = text_at(spec, "podReplacementPolicy") == "Failed";
  if (const Json& policy = at(spec, "podFailurePolicy"); policy.is_object()) {
    out->has_failure_policy = true;
    if (const Json& rules = at(policy, "rules"); rules.is_array())
      for (const Json& r : rules) out->failure_rules.push_back(failure_rule(r, names));
  }
  if (const Json& policy = at(spec, "successPolicy"); policy.is_object()) {
    out->has_success_policy = true;
    if (const Json& rules = at(policy, "rules"); rules.is_array())
      for (const Json& r : rules) {
        SuccessRule rule;
        rule.has_indexes = at(r, "succeededIndexes").is_string();
        rule.indexes = text_at(r, "succeededIndexes");
        rule.has_count = at(r, "succeededCount").is_number_integer();
        rule.count = int32_at(r, "succeededCount", 0);
        out->success_rules.push_back(std::move(rule));
      }
  }
  out->managed_by = text_at(spec, "managedBy");
  out->selector = label_requirements(at(spec, "selector"));
  out->pod_template = template_of(at(spec, "template"), out->indexed, names);
  return out;
}

// ---- budgets

PodDisruptionBudgetSpec::PodDisruptionBudgetSpec() = default;
PodDisruptionBudgetSpec::~PodDisruptionBudgetSpec() = default;

namespace {

/// Validation lets integers through, and texts of digits and a percent sign that are no more than 100 %.
std::optional<IntOrPercent> int_or_percent(const Json& v) {
  if (v.is_number_integer()) return IntOrPercent{v.get<std::int64_t>(), false};
  if (!v.is_string()) return std::nullopt;
  std::int64_t n = 0;
  for (char c : v.get_ref<const std::string&>())
    if (c >= '0' && c <= '9' && n < 1000) n = n * 10 + (c - '0');
  return IntOrPercent{n, true};
}

/// A *metav1.LabelSelector as its generated String method writes it.
std::string selector_as_go_text(const Json& selector) {
  if (!selector.is_object()) return "nil";
  std::string out = "&LabelSelector{MatchLabels:map[string]string{";
  if (const Json& labels = at(selector, "matchLabels"); labels.is_object())
    for (const auto& [k, v] : labels.items()) out += k + ": " + text_of(v) + ",";
  out += "},MatchExpressions:[]LabelSelectorRequirement{";
  if (const Json& list = at(selector, "matchExpressions"); list.is_array())
    for (const Json& e : list) {
      out += "LabelSelectorRequirement{Key:" + text_at(e, "key") + ",Operator:" + text_at(e, "operator") + ",Values:[";
      if (const Json& values = at(e, "values"); values.is_array())
        for (std::size_t i = 0; i < values.size(); ++i) out += (i > 0 ? " " : "") + text_of(values[i]);
      out += "],},";
    }
  return out + "},}";
}

}  // namespace

Ref<const PodDisruptionBudgetSpec> PodDisruptionBudgetSpec::make(const Json& spec) {
  auto out = make_ref<PodDisruptionBudgetSpec>();
  out->json_ = std::make_unique<Json>(spec.is_object() ? spec : Json::object());
  out->text_ = out->json_->dump(-1, ' ', false, Json::error_handler_t::replace);
  const Json& selector = at(spec, "selector");
  out->has_selector = selector.is_object();
  out->selector = label_requirements(selector);
  out->selector_text = selector_as_go_text(selector);
  out->min_available = int_or_percent(at(spec, "minAvailable"));
  out->max_unavailable = int_or_percent(at(spec, "maxUnavailable"));
  out->always_allow_unhealthy = text_at(spec, "unhealthyPodEvictionPolicy") == "AlwaysAllow";
  return out;
}

// ---- daemon sets

DaemonSetSpec::DaemonSetSpec() = default;
DaemonSetSpec::~DaemonSetSpec() = default;

Ref<const DaemonSetSpec> DaemonSetSpec::make(const Json& spec, Interner& names) {
  auto out = make_ref<DaemonSetSpec>();
  out->json_ = std::make_unique<Json>(spec);
  out->text_ = spec.dump(-1, ' ', false, Json::error_handler_t::replace);
  const Json& strategy = at(spec, "updateStrategy");
  if (text_at(strategy, "type") == "OnDelete") out->strategy = Strategy::on_delete;
  const Json& rolling = at(strategy, "rollingUpdate");
  out->max_unavailable = int_or_percent(at(rolling, "maxUnavailable")).value_or(IntOrPercent{1, false});
  out->max_surge = int_or_percent(at(rolling, "maxSurge")).value_or(IntOrPercent{});
  out->min_ready_s = int_at(spec, "minReadySeconds", 0);
  out->revision_history_limit = int_at(spec, "revisionHistoryLimit", 10);
  const Json& selector = at(spec, "selector");
  out->selector = label_requirements(selector);
  out->selects_all = selector.is_object() && out->selector.empty();
  const Json& pod_template = at(spec, "template");
  out->node_name = symbol_at(at(pod_template, "spec"), "nodeName", names);
  out->pod_template = template_of(pod_template, false, names, true);
  Json data;
  data["spec"]["template"] = pod_template;
  data["spec"]["template"]["$patch"] = "replace";
  out->revision_data_ = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  return out;
}

// ---- cron jobs

Ref<const CronJobSpec> CronJobSpec::make(const Json& spec, const CronJobSpec* old) {
  auto out = make_ref<CronJobSpec>();
  out->schedule = text_at(spec, "schedule");
  if (at(spec, "timeZone").is_string()) out->time_zone = text_at(spec, "timeZone");
  out->starting_deadline_s = int_at(spec, "startingDeadlineSeconds", kUnset);
  const std::string policy = text_at(spec, "concurrencyPolicy");
  using Policy = CronJobSpec::Concurrency;
  out->concurrency = policy == "Forbid" ? Policy::forbid : policy == "Replace" ? Policy::replace : Policy::allow;
  out->suspend = bool_at(spec, "suspend");
  out->successful_limit = int_at(spec, "successfulJobsHistoryLimit", kUnset);
  out->failed_limit = int_at(spec, "failedJobsHistoryLimit", kUnset);
  auto job_template = JobTemplate::make(at(spec, "jobTemplate"));
  const bool same = old != nullptr && old->job_template->text() == job_template->text();
  out->job_template = same ? old->job_template : Ref<const JobTemplate>(std::move(job_template));
  // Without the template, which a writer appends.
  Json rest = spec;
  if (rest.is_object()) rest.erase("jobTemplate");
  out->text_ = rest.is_object() ? head_of(rest) : "{";
  out->compose();
  return out;
}

Node::Body::Body() = default;
Node::Body::~Body() = default;
GenericObject::Body::Body() = default;
GenericObject::Body::~Body() = default;

// ---- whole objects

namespace {

void read_meta(const Json& object, Kind kind, Interner& names, const Object* old, ObjectMeta& m) {
  const Json& meta = at(object, "metadata");
  if (old != nullptr) {
    m = old->meta;
  } else {
    const Symbol ns = symbol_at(meta, "namespace", names);
    const std::string name = text_at(meta, "name"), prefix = text_at(meta, "generateName");
    m.id = name.empty() ? Identity::unnamed(kind, ns, prefix) : Identity::make(kind, ns, name);
    if (!name.empty()) m.id->set_generate_name(prefix);
    m.id->uid = Uid::parse(text_at(meta, "uid"));
    if (kind == Kind::other) m.id->set_other_kind(names.intern(text_at(object, "apiVersion") + "/" + text_at(object, "kind")));
  }
  m.generation = static_cast<std::int32_t>(std::clamp<std::int64_t>(int_at(meta, "generation", 0), 0, INT32_MAX));
  m.set_labels(map_at(meta, "labels"));
  m.set_annotations(map_at(meta, "annotations"));
  m.set_finalizers({});
  if (const Json& list = at(meta, "finalizers"); list.is_array())
    for (const Json& f : list) m.add_finalizer(names.intern(text_of(f)));
  m.set_owners({});
  if (const Json& list = at(meta, "ownerReferences"); list.is_array() && !list.empty()) {
    auto owners = make_ref<OwnerList>();
    for (const Json& o : list)
      owners->items.push_back({text_at(o, "apiVersion"), text_at(o, "kind"), text_at(o, "name"), Uid::parse(text_at(o, "uid")),
                               bool_at(o, "controller"), bool_at(o, "blockOwnerDeletion")});
    m.set_owners(std::move(owners));
  }
}

Ref<Object> read_pod(const Json& object, Json&& spec, Interner& names, const Pod* old) {
  auto pod = old != nullptr ? make_ref<Pod>(*old) : make_ref<Pod>();
  const Symbol node = symbol_at(spec, "nodeName", names);
  auto fresh = PodSpec::make(std::move(spec), names);
  // Keeping the shared spec where nothing changed keeps pods of one template together.
  if (old == nullptr || old->spec->text() != fresh->text()) pod->spec = fresh;
  pod->node = node;
  if (old == nullptr) pod->conditions = conditions_of(at(at(object, "status"), "conditions"), "lastProbeTime", names);
  return pod;
}

Ref<Object> read_job(const Json& object, Interner& names, const Job* old) {
  auto job = old != nullptr ? make_ref<Job>(*old) : make_ref<Job>();
  auto fresh = JobSpec::make(at(object, "spec"), names);
  if (old == nullptr || old->spec->is_shared() || old->spec->text(*old->meta.id) != fresh->text(*old->meta.id)) job->spec = fresh;
  return job;
}

Ref<Object> read_daemon_set(const Json& object, Interner& names, const DaemonSet* old) {
  auto set = old != nullptr ? make_ref<DaemonSet>(*old) : make_ref<DaemonSet>();
  auto fresh = DaemonSetSpec::make(at(object, "spec"), names);
  if (old == nullptr || old->spec->text() != fresh->text()) set->spec = fresh;
  return set;
}

Ref<Object> read_revision(const Json& object, const ControllerRevision* old) {
  auto out = old != nullptr ? make_ref<ControllerRevision>(*old) : make_ref<ControllerRevision>();
  auto data = make_ref<ControllerRevision::Data>();
  data->text = at(object, "data").dump(-1, ' ', false, Json::error_handler_t::replace);
  out->data = std::move(data);
  out->revision = int_at(object, "revision", 0);
  return out;
}

Ref<Object> read_cron_job(const Json& object, const CronJob* old) {
  auto cron = old != nullptr ? make_ref<CronJob>(*old) : make_ref<CronJob>();
  auto fresh = CronJobSpec::make(at(object, "spec"), old != nullptr ? old->spec.get() : nullptr);
  if (old == nullptr || !(*old->spec == *fresh)) cron->spec = std::move(fresh);
  return cron;
}

Ref<Object> read_node(const Json& object, Interner& names, const Node* old) {
  auto node = old != nullptr ? make_ref<Node>(*old) : make_ref<Node>();
  auto body = make_ref<Node::Body>();
  const Json& spec = at(object, "spec");
  body->spec = std::make_unique<Json>(spec.is_object() ? spec : Json::object());
  node->unschedulable = bool_at(spec, "unschedulable");
  node->taints.clear();
  if (const Json& list = at(spec, "taints"); list.is_array())
    for (const Json& t : list) node->taints.push_back({text_at(t, "key"), text_at(t, "value"), symbol_at(t, "effect", names), stamp_at(t, "timeAdded")});
  body->spec->erase("taints");
  body->spec->erase("unschedulable");
  const Json& status = at(object, "status");
  if (old != nullptr) {
    body->status = std::make_unique<Json>(*old->body->status);
  } else {
    body->status = std::make_unique<Json>(status.is_object() ? status : Json::object());
    node->conditions = conditions_of(at(status, "conditions"), "lastHeartbeatTime", names);
    body->status->erase("conditions");
  }
  body->spec_text = body->spec->dump(-1, ' ', false, Json::error_handler_t::replace);
  body->status_text = body->status->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (old == nullptr || old->body->spec_text != body->spec_text || old->body->status_text != body->status_text) node->body = std::move(body);
  return node;
}

Ref<Object> read_budget(const Json& object, const PodDisruptionBudget* old) {
  auto budget = old != nullptr ? make_ref<PodDisruptionBudget>(*old) : make_ref<PodDisruptionBudget>();
  auto fresh = PodDisruptionBudgetSpec::make(at(object, "spec"));
  if (old == nullptr || old->spec->text() != fresh->text()) budget->spec = fresh;
  return budget;
}

Ref<Object> read_generic(const Json& object, Kind kind, const GenericObject* old) {
  auto out = old != nullptr ? make_ref<GenericObject>(*old) : make_ref<GenericObject>(kind);
  auto body = make_ref<GenericObject::Body>();
  body->value = std::make_unique<Json>(object);
  body->api_version = text_at(object, "apiVersion");
  body->kind = text_at(object, "kind");
  for (const char* key : {"apiVersion", "kind", "metadata"}) body->value->erase(key);
  if (old == nullptr || *old->body->value != *body->value) out->body = std::move(body);
  return out;
}

/// `pod_spec` is that of a pod, whose own is not looked at.
Ref<Object> read_object(const Json& object, Json&& pod_spec, Interner& names, const Object* old) {
  const Kind kind = kind_from_name(text_at(object, "kind"));
  Ref<Object> out;
  switch (kind) {
    case Kind::pod: out = read_pod(object, std::move(pod_spec), names, static_cast<const Pod*>(old)); break;
    case Kind::job: out = read_job(object, names, static_cast<const Job*>(old)); break;
    case Kind::daemonset: out = read_daemon_set(object, names, static_cast<const DaemonSet*>(old)); break;
    case Kind::controllerrevision: out = read_revision(object, static_cast<const ControllerRevision*>(old)); break;
    case Kind::cronjob: out = read_cron_job(object, static_cast<const CronJob*>(old)); break;
    case Kind::node: out = read_node(object, names, static_cast<const Node*>(old)); break;
    case Kind::poddisruptionbudget: out = read_budget(object, static_cast<const PodDisruptionBudget*>(old)); break;
    default: out = read_generic(object, kind, static_cast<const GenericObject*>(old)); break;
  }
  read_meta(object, kind, names, old, out->meta);
  return out;
}

}  // namespace

Ref<Object> from_json(const Json& object, Interner& names, const Object* old) {
  if (kind_from_name(text_at(object, "kind")) == Kind::pod) return from_json(Json(object), names, old);
  return read_object(object, {}, names, old);
}

Ref<Object> from_json(Json&& object, Interner& names, const Object* old) {
  Json spec;
  if (kind_from_name(text_at(object, "kind")) == Kind::pod)
    if (const auto it = object.find("spec"); it != object.end()) spec = std::exchange(*it, nullptr);
  return read_object(object, std::move(spec), names, old);
}

}  // namespace orrery
