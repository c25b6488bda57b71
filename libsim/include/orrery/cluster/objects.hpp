#pragma once
// The objects of the API as plain, immutable values. A write makes a new version of an object; whoever holds an older
// one (a cache that lags, a reconcile in flight) keeps it alive through a Ref. What never changes (identity, specs,
// label sets, owner lists) is shared between versions and between the pods of one template.
#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/cluster/object_meta.hpp"
#include "orrery/core/intern.hpp"
#include "orrery/core/ref.hpp"
#include "orrery/core/shared_list.hpp"
#include "orrery/core/time.hpp"

namespace orrery {

struct Object : RefCounted {
  explicit Object(Kind k) : kind(k) {}
  Object(const Object&) = default;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;
  Kind kind;
  [[no_unique_address]] ObjectMeta meta;
  std::string_view name() const { return meta.id->name(); }
  Symbol ns() const { return meta.id->ns; }
  Uid uid() const { return meta.id->uid; }
};

/// What an object says of its controller.
OwnerReference controller_reference(const Object& controller);

/// Used by pods, jobs and nodes alike.
struct Condition {
  Symbol type = 0;
  Symbol status = 0;  ///< sym::True, sym::False, sym::Unknown
  Symbol reason = 0;
  Symbol message = 0;
  Stamp transition;
  Stamp probe;  ///< jobs: lastProbeTime; nodes: lastHeartbeatTime
  std::int32_t observed_generation = 0;
  bool operator==(const Condition&) const = default;
};
using Conditions = SharedList<Condition>;
inline const Condition* find_condition(const Conditions& list, Symbol type) {
  for (const Condition& c : list)
    if (c.type == type) return &c;
  return nullptr;
}
/// To change it: the list becomes its owner's own.
Condition* find_condition(Conditions& list, Symbol type);
bool condition_true(const Conditions& list, Symbol type);

struct Toleration {
  std::string key, value;
  enum class Op : std::uint8_t { equal, exists, lt, gt } op = Op::equal;
  Symbol effect = 0;                   ///< 0 = all effects
  std::int64_t seconds = -1;           ///< tolerationSeconds; -1 = for ever
};
struct Taint {
  std::string key, value;
  Symbol effect = 0;
  Stamp added;
  bool operator==(const Taint&) const = default;
};
/// upstream: staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go
bool tolerates(const Toleration& t, const Taint& taint);

enum class RestartPolicy : std::uint8_t { always, on_failure, never };

/// One probe; seconds as in the API. Only what time depends on.
struct ProbeSpec {
  bool present = false;
  std::int32_t initial_delay_s = 0, period_s = 10, timeout_s = 1, success_threshold = 1, failure_threshold = 3;
  std::int64_t grace_s = -1;
};
struct RestartRule {
  bool restart_all = false;  ///< action RestartAllContainers (P-056), else Restart
  bool negate = false;       ///< operator NotIn
  std::vector<std::int32_t> codes;
};
enum class PullPolicy : std::uint8_t { if_not_present, always, never };
struct ContainerSpec {
  Symbol name = 0, image = 0;
  bool has_restart_policy = false;
  RestartPolicy restart_policy = RestartPolicy::always;
  std::vector<RestartRule> restart_rules;
  PullPolicy pull = PullPolicy::if_not_present;
  ProbeSpec liveness, readiness, startup;
  std::int64_t pre_stop_sleep_s = -1;
  bool sidecar() const { return has_restart_policy && restart_policy == RestartPolicy::always; }
};

/// Base of what a model may attach to a shared spec.
struct Attachment : RefCounted {
  virtual ~Attachment() = default;
};

/// A pod's spec without what differs between the pods of a template (nodeName, hostname). Shared, immutable.
struct PodSpec : RefCounted {
  PodSpec();
  ~PodSpec();
  std::vector<ContainerSpec> containers, init_containers;
  RestartPolicy restart_policy = RestartPolicy::always;
  std::int64_t grace_s = 30;            ///< terminationGracePeriodSeconds
  std::int64_t active_deadline_s = -1;  ///< -1 = none
  std::int32_t priority = 0;
  bool host_network = false;
  bool gated = false;  ///< has schedulingGates
  const std::vector<Toleration>& tolerations() const { return base_ ? base_->tolerations_ : tolerations_; }
  Symbol pinned_node = 0;  ///< required node affinity on metadata.name with one value
  Symbol scheduler_name = 0;
  std::string qos_class;
  /// The whole spec, defaulted, without nodeName.
  const nlohmann::json& json() const;
  /// The same as compact text without the closing brace, so that a writer can append the rest.
  const std::string& text() const;
  /// Of a spec made by `pinned`: what it was made from; null for all others.
  const PodSpec* base() const { return base_.get(); }
  /// A place for a model to keep what it derives from this spec (the scheduler's compiled form). Not part of the value.
  mutable Ref<Attachment> scheduler_view;

  /// `spec` must have passed validation; nodeName is dropped.
  static Ref<const PodSpec> make(nlohmann::json spec, Interner& names);
  /// The spec of a daemon pod (D-027): that of `base`, which is not made so itself, with required node affinity to the one
  /// node. There is one for every node, so JSON and text are made only when somebody asks for them.
  static Ref<const PodSpec> pinned(Ref<const PodSpec> base, Symbol node, std::string_view node_name);

 private:
  nlohmann::json pinned_json() const;
  std::vector<Toleration> tolerations_;
  Ref<const PodSpec> base_;
  std::string node_name_;  ///< with base_
  mutable std::unique_ptr<nlohmann::json> json_;
  mutable std::string text_;
};

/// metadata and spec of a template.
struct PodTemplate : RefCounted {
  Ref<const StringMap> labels, annotations;
  SharedList<Symbol> finalizers;
  Ref<const PodSpec> spec;           ///< as it stands in the template
  Ref<const PodSpec> pod_spec;       ///< as a pod of it gets it: defaulted and admitted (tolerations added)
  std::string hostname;              ///< spec.hostname of the template
};

enum class PodPhase : std::uint8_t { pending, running, succeeded, failed, unknown };
std::string_view phase_name(PodPhase p);

struct TerminatedState {
  std::int32_t exit_code = 0;
  Symbol reason = 0, message = 0;
  Stamp started, finished;
  bool operator==(const TerminatedState&) const = default;
};
struct ContainerStatus {
  enum class State : std::uint8_t { waiting, running, terminated };
  Symbol name = 0, image = 0;
  State state = State::waiting;
  bool ready = false, started = false;
  bool has_last = false;
  bool has_id = false;        ///< containerID is shown
  std::int32_t restart_count = 0;
  Symbol waiting_reason = 0;
  std::uint32_t backoff_s = 0;  ///< with CrashLoopBackOff: the wait, for the message (P-065)
  Symbol waiting_message = 0;   ///< other waiting reasons
  Stamp running_since;
  TerminatedState terminated;  ///< of State::terminated
  TerminatedState last;        ///< lastState.terminated, if has_last
  bool operator==(const ContainerStatus&) const = default;
};

using ContainerStatuses = SharedList<ContainerStatus>;

/// What few pods have: those that wait for room, were evicted or refused, or have init containers.
struct PodRare : RefCounted {
  PodRare() = default;
  Symbol nominated_node = 0;
  Symbol reason = 0, message = 0;
  ContainerStatuses init_containers;
  bool operator==(const PodRare& o) const {
    return nominated_node == o.nominated_node && reason == o.reason && message == o.message && init_containers == o.init_containers;
  }
};
inline const PodRare kNoPodRare{};

/// 96 bytes: there may be millions, each in several versions.
struct Pod final : Object {
  Pod() : Object(Kind::pod) {}
  Symbol node = 0;  ///< spec.nodeName
  Ref<const PodSpec> spec;
  Conditions conditions;
  ContainerStatuses containers;  ///< containerStatuses, sorted by name (P-036)

  Symbol nominated_node() const { return rare().nominated_node; }
  Symbol reason() const { return rare().reason; }
  Symbol message() const { return rare().message; }
  /// initContainerStatuses, spec order
  const ContainerStatuses& init_containers() const { return rare().init_containers; }
  void set_nominated_node(Symbol s) {
    if (s != nominated_node()) change_rare([&](PodRare& r) { r.nominated_node = s; });
  }
  void set_reason(Symbol reason, Symbol message) {
    if (reason == this->reason() && message == this->message()) return;
    change_rare([&](PodRare& r) {
      r.reason = reason;
      r.message = message;
    });
  }
  void set_init_containers(ContainerStatuses list) {
    if (!(list == init_containers())) change_rare([&](PodRare& r) { r.init_containers = std::move(list); });
  }
  const PodRare& rare() const { return rare_ ? *rare_ : kNoPodRare; }

  bool terminal() const { return phase == PodPhase::succeeded || phase == PodPhase::failed; }

 private:
  /// Versions share it, so a change makes another one.
  template <class F>
  void change_rare(F&& change) {
    Ref<PodRare> next = make_ref<PodRare>(rare());
    change(*next);
    rare_ = std::move(next);
  }
  Ref<const PodRare> rare_;

 public:
  Stamp start_time;

 private:
  std::int32_t observed_generation_ : 28 = 0;

 public:
  PodPhase phase : 4 = PodPhase::pending;

  std::int32_t observed_generation() const { return observed_generation_; }
  void set_observed_generation(std::int32_t generation) { observed_generation_ = generation & kGenerationMax; }

 private:
  static constexpr std::int32_t kGenerationMax = (1 << 27) - 1;
};
static_assert(sizeof(Pod) == 96);

/// Sorted, disjoint, inclusive ranges of completion indexes (J-212).
struct IndexSet {
  std::vector<std::pair<std::int32_t, std::int32_t>> ranges;
  bool contains(std::int32_t i) const;
  std::int64_t size() const;
  void add(std::int32_t i);
  /// Everything that is in either.
  IndexSet merged(const IndexSet& other) const;
  /// From ascending indexes, repetitions allowed.
  static IndexSet from_sorted(const std::vector<std::int32_t>& indexes);
  bool empty() const { return ranges.empty(); }
  std::string text() const;
  /// Ignores what does not parse; clips at `completions`.
  static IndexSet parse(std::string_view text, std::int32_t completions);
  bool operator==(const IndexSet&) const = default;
};

struct PodFailureRule {
  enum class Action : std::uint8_t { ignore, count, fail_index, fail_job, unknown } action = Action::count;
  bool on_exit_codes = false;
  bool negate = false;   ///< operator NotIn
  Symbol container = 0;  ///< 0 = any
  std::vector<std::int32_t> codes;
  std::vector<std::pair<Symbol, Symbol>> conditions;  ///< type, status
};
struct SuccessRule {
  bool has_indexes = false, has_count = false;
  std::string indexes;
  std::int32_t count = 0;
};

inline constexpr std::int64_t kUnset = INT64_MIN;

struct LabelRequirement {
  enum class Op : std::uint8_t { in, not_in, exists, does_not_exist } op = Op::in;
  std::string key;
  std::vector<std::string> values;
};
/// Of a LabelSelector object; matchLabels become `in` with one value. Empty = matches everything.
std::vector<LabelRequirement> label_requirements(const nlohmann::json& label_selector);
bool labels_match(const std::vector<LabelRequirement>& selector, const StringMap* labels);

/// The text of a spec of which many objects differ in their name and UID only.
struct SpecOutline : RefCounted {
  virtual ~SpecOutline() = default;
  virtual std::string filled(const Identity& object) const = 0;
};

struct JobSpec : RefCounted {
  std::int64_t parallelism = kUnset, completions = kUnset, active_deadline_s = kUnset, ttl_s = kUnset;
  std::int64_t backoff_limit = kUnset, backoff_limit_per_index = kUnset, max_failed_indexes = kUnset;
  bool indexed = false, known_mode = true, suspend = false, manual_selector = false;
  bool only_failed = false;  ///< podReplacementPolicy == Failed
  bool has_failure_policy = false, has_success_policy = false;
  std::vector<PodFailureRule> failure_rules;
  std::vector<SuccessRule> success_rules;
  std::string managed_by;
  std::vector<LabelRequirement> selector;
  /// Without labels where those of each Job are others: see pod_labels.
  Ref<const PodTemplate> pod_template;

  // The Jobs of a CronJob share one spec. What is each one's own follows from its name and UID.
  bool is_shared() const { return static_cast<bool>(outline_); }
  /// The whole spec, defaulted, as compact JSON.
  std::string text(const Identity& job) const { return outline_ ? outline_->filled(job) : text_; }
  /// Whether the selector of the Job with this UID selects these labels.
  bool selects(Uid job, const StringMap* labels) const;
  /// Whether that selector asks for nothing but the label with the UID.
  bool selects_by_uid(Uid job) const;
  /// The labels of the pods of a Job with this metadata.
  Ref<const StringMap> pod_labels(const ObjectMeta& job) const;
  static Ref<const JobSpec> make(const nlohmann::json& spec, Interner& names);

 private:
  friend struct JobTemplate;  // makes the shared ones
  std::string text_;
  Ref<const SpecOutline> outline_;
  Ref<const MapOutline> pod_labels_;
  bool selects_own_uid_ = false;  ///< the label with the UID is not in `selector`, but asked for as well
};
struct JobStatus {
  std::int32_t active = 0, succeeded = 0, failed = 0;
  std::int32_t ready = -1, terminating = -1;  ///< -1 = not set
  bool has_uncounted = false;
  std::vector<Uid> uncounted_succeeded, uncounted_failed;
  std::string completed_indexes;
  std::string failed_indexes;
  bool has_failed_indexes = false;
  Stamp start_time, completion_time;
  Conditions conditions;
  bool operator==(const JobStatus&) const = default;
  bool complete() const;
  bool failed_true() const;
  bool finished() const { return complete() || failed_true(); }
};

struct Job final : Object {
  Job() : Object(Kind::job) {}
  Ref<const JobSpec> spec;
  JobStatus status;
};

/// An amount, or a percentage of something (IntOrString).
struct IntOrPercent {
  std::int64_t value = 0;
  bool percent = false;
  /// Of `total` things; percentages round up (D-061, E-003).
  std::int64_t of(std::int64_t total) const { return percent ? (value * total + 99) / 100 : value; }
};

struct DaemonSetSpec : RefCounted {
  DaemonSetSpec();
  ~DaemonSetSpec();
  enum class Strategy : std::uint8_t { rolling_update, on_delete } strategy = Strategy::rolling_update;
  IntOrPercent max_unavailable{1, false}, max_surge;
  std::int64_t min_ready_s = 0, revision_history_limit = 10;
  std::vector<LabelRequirement> selector;
  bool selects_all = false;  ///< the selector is there and empty
  Symbol node_name = 0;      ///< spec.nodeName of the template
  Ref<const PodTemplate> pod_template;  ///< its pod_spec has the tolerations of daemon pods (D-024), no target node yet
  /// The template as a ControllerRevision keeps it, "$patch" included; canonical, so equal templates have equal texts.
  const std::string& revision_data() const { return revision_data_; }
  const nlohmann::json& json() const { return *json_; }
  const std::string& text() const { return text_; }
  /// A place for a model to keep what it derives from this spec. Not part of the value.
  mutable Ref<Attachment> controller_view;
  static Ref<const DaemonSetSpec> make(const nlohmann::json& spec, Interner& names);

 private:
  std::unique_ptr<nlohmann::json> json_;
  std::string text_, revision_data_;
};
struct DaemonSetStatus {
  std::int32_t current = 0, misscheduled = 0, desired = 0, ready = 0, updated = 0, available = 0, unavailable = 0;
  std::int32_t collisions = -1;  ///< collisionCount; -1 = not set
  std::int64_t observed_generation = 0;
  bool operator==(const DaemonSetStatus&) const = default;
};

struct DaemonSet final : Object {
  DaemonSet() : Object(Kind::daemonset) {}
  Ref<const DaemonSetSpec> spec;
  DaemonSetStatus status;
};

struct ControllerRevision final : Object {
  ControllerRevision() : Object(Kind::controllerrevision) {}
  struct Data : RefCounted {
    std::string text;  ///< canonical JSON
  };
  Ref<const Data> data;
  std::int64_t revision = 0;
};

struct Node final : Object {
  Node() : Object(Kind::node) {}
  /// spec and status without taints, unschedulable and conditions. Shared between versions.
  struct Body : RefCounted {
    Body();
    ~Body();
    std::unique_ptr<nlohmann::json> spec, status;
    std::string spec_text, status_text;
  };
  Ref<const Body> body;
  bool unschedulable = false;
  std::vector<Taint> taints;
  Conditions conditions;
};

struct PodDisruptionBudgetSpec : RefCounted {
  PodDisruptionBudgetSpec();
  ~PodDisruptionBudgetSpec();
  bool has_selector = false;  ///< none: no pods at all; an empty one: all pods of the namespace (E-001)
  std::vector<LabelRequirement> selector;
  std::optional<IntOrPercent> min_available, max_unavailable;  ///< at most one of them
  bool always_allow_unhealthy = false;  ///< unhealthyPodEvictionPolicy AlwaysAllow
  /// `selector` as Go prints it with %v, for the text of an Event.
  std::string selector_text;
  const nlohmann::json& json() const { return *json_; }
  const std::string& text() const { return text_; }
  bool selects(const StringMap* labels) const { return has_selector && labels_match(selector, labels); }
  static Ref<const PodDisruptionBudgetSpec> make(const nlohmann::json& spec);

 private:
  std::unique_ptr<nlohmann::json> json_;
  std::string text_;
};

struct PodDisruptionBudgetStatus {
  std::int64_t observed_generation = 0;
  std::int32_t allowed = 0, healthy = 0, desired = 0, expected = 0;
  /// disruptedPods: name and when its eviction was granted, by name.
  std::vector<std::pair<std::string, Stamp>> disrupted;
  Conditions conditions;
  bool operator==(const PodDisruptionBudgetStatus&) const = default;
};

struct PodDisruptionBudget final : Object {
  PodDisruptionBudget() : Object(Kind::poddisruptionbudget) {}
  Ref<const PodDisruptionBudgetSpec> spec;
  PodDisruptionBudgetStatus status;
};

/// Sets the condition DisruptionAllowed of a budget; one whose status stays keeps its transition time.
/// upstream: staging/src/k8s.io/apimachinery/pkg/api/meta/conditions.go
void set_disruption_allowed(PodDisruptionBudgetStatus& status, Symbol state, Symbol reason, Symbol message, Stamp now);
/// The same by `status.allowed`. upstream: component-helpers/apps/poddisruptionbudget
void set_disruption_allowed(PodDisruptionBudgetStatus& status, Stamp now);

/// A kind whose fields no model of this build looks into (Namespace, PriorityClass …).
struct GenericObject final : Object {
  explicit GenericObject(Kind k) : Object(k) {}
  struct Body : RefCounted {
    Body();
    ~Body();
    std::unique_ptr<nlohmann::json> value;  ///< whole object without metadata
    std::string api_version, kind;
  };
  Ref<const Body> body;
};

struct LeaseObject final : Object {
  LeaseObject() : Object(Kind::lease) {}
  Symbol holder = 0;
  Time renewed{};
};

/// v1 Event. Not watched by anybody; kept for `events` and the trace. There are many, and each is soon forgotten: so its texts
/// are in one piece of memory with it.
struct EventObject final : Object {
  EventObject() : Object(Kind::event) {}
  static Ref<EventObject> make(std::string_view message, std::string_view field_path);
  /// A copy with another message.
  static Ref<EventObject> make(const EventObject& from, std::string_view message);
  Time written{};  ///< when the store last wrote it
  Ref<const Identity> on;  ///< involvedObject
  std::uint64_t on_resource_version = 0;
  std::string_view message, field_path;
  Symbol reason = 0, type = 0, component = 0, host = 0;
  Stamp first, last;
  std::int32_t count = 1;

  static void operator delete(void* p) { ::operator delete(p); }

 private:
  EventObject(const EventObject&) = default;
  void keep(std::string_view message, std::string_view field_path);
  static void* operator new(std::size_t size, std::size_t more) { return ::operator new(size + more); }
  static void operator delete(void* p, std::size_t) { ::operator delete(p); }
};

// ---- to and from JSON

/// Appends the object as one compact JSON object, complete, as the API returns it.
void append_json(std::string& out, const Object& object, const Interner& names);
nlohmann::json to_json(const Object& object, const Interner& names);
/// From an API object that has passed defaulting and validation. Metadata of the server (uid, resourceVersion,
/// creationTimestamp) is read where `old` is null, else taken from it. The slot and the serial are the store's to set.
Ref<Object> from_json(const nlohmann::json& object, Interner& names, const Object* old = nullptr);
/// The same; takes parts of the object over instead of copying them.
Ref<Object> from_json(nlohmann::json&& object, Interner& names, const Object* old = nullptr);
/// Equal but for the resource version?
bool same_object(const Object& a, const Object& b);
/// A new version to be changed: a copy that shares everything shareable.
Ref<Object> clone(const Object& object);

template <class T>
Ref<T> clone_as(const T& object) {
  return make_ref<T>(object);
}

}  // namespace orrery
