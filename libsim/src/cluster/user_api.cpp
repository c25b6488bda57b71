#include "orrery/cluster/user_api.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cluster/admission_memo.hpp"
#include "orrery/api/defaults.hpp"
#include "orrery/api/patch.hpp"
#include "orrery/api/schema.hpp"
#include "orrery/api/validation.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery {

using Json = nlohmann::json;

void register_node(Json& node, Time now) {
  Json& meta = node["metadata"];
  Json& labels = meta["labels"];
  if (!labels.is_object()) labels = Json::object();
  const std::string name = meta.value("name", "");
  for (const auto& [k, v] : {std::pair<const char*, std::string>{"kubernetes.io/hostname", name}, {"kubernetes.io/os", "linux"}, {"kubernetes.io/arch", "amd64"},
                             {"beta.kubernetes.io/os", "linux"}, {"beta.kubernetes.io/arch", "amd64"}})
    if (!labels.contains(k)) labels[k] = v;
  Json& status = node["status"];
  if (!status.is_object()) status = Json::object();
  Json& allocatable = status["allocatable"];
  if (!allocatable.is_object() || allocatable.empty()) allocatable = {{"cpu", "8"}, {"memory", "32Gi"}, {"pods", "110"}};
  Json& capacity = status["capacity"];
  if (!capacity.is_object() || capacity.empty()) capacity = allocatable;
  Json& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = Json::array();
  const std::string at = format_rfc3339(unix_seconds(now));
  for (const auto& [type, state, reason] :
       {std::tuple{"MemoryPressure", "False", "KubeletHasSufficientMemory"}, std::tuple{"DiskPressure", "False", "KubeletHasNoDiskPressure"},
        std::tuple{"PIDPressure", "False", "KubeletHasSufficientPID"}, std::tuple{"Ready", "True", "KubeletReady"}}) {
    auto it = std::find_if(conditions.begin(), conditions.end(), [&, wanted = std::string_view(type)](const Json& c) {
      const auto own = c.is_object() ? c.find("type") : c.end();
      return own != c.end() && *own == wanted;
    });
    if (it == conditions.end()) {
      conditions.push_back({{"type", type}, {"status", state}, {"reason", reason}, {"lastHeartbeatTime", at}, {"lastTransitionTime", at}});
      continue;
    }
    if (it->value("status", "") != state || !it->contains("lastTransitionTime")) (*it)["lastTransitionTime"] = at;
    (*it)["status"] = state;
    (*it)["reason"] = reason;
    (*it)["lastHeartbeatTime"] = at;
    it->erase("message");
  }
}

namespace {

ApiResult refused(ApiStatus status, std::string message) { return {status, std::move(message)}; }

std::string kind_of(const Json& object) {
  auto it = object.find("kind");
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string{};
}

ApiResult invalid(std::string_view kind, std::string_view name, const std::vector<FieldError>& errors) {
  return refused(ApiStatus::invalid, invalid_message(kind_with_group(kind), name, errors));
}

std::string all_of(const Diagnostics& problems) {
  std::string text;
  for (const Diagnostic& d : problems) text += (text.empty() ? "" : "; ") + to_string(d);
  return text;
}

Symbol other_kind_of(Cluster& cluster, const Json& object) {
  return kind_from_name(kind_of(object)) == Kind::other ? cluster.symbol(object.value("apiVersion", "") + "/" + kind_of(object)) : Symbol{0};
}

}  // namespace

bool is_of_kind(const Object& object, std::string_view kind, const Interner& names) {
  if (object.kind != Kind::other) return kind_name(object.kind) == kind;
  const std::string_view version_and_kind = names.text(object.meta.id->other_kind());
  return version_and_kind.substr(version_and_kind.rfind('/') + 1) == kind;
}

UserApi::UserApi(Cluster& cluster) : cluster_(cluster), memo_(std::make_unique<AdmissionMemo>()) {}

UserApi::~UserApi() = default;

Symbol UserApi::namespace_of(std::string_view kind, std::string_view ns) const {
  if (is_known_kind(kind) && !is_namespaced_kind(kind)) return 0;
  return ns.empty() ? Symbol{sym::default_} : cluster_.symbol(ns);
}

const Object* UserApi::find(std::string_view kind, std::string_view ns, std::string_view name) const {
  const Kind k = kind_from_name(kind);
  const Symbol in = namespace_of(kind, ns);
  if (k != Kind::other) return cluster_.store().live(k, in, name);
  // The kinds without a type of their own are told apart by group and version, which a name does not say.
  for (const auto& o : cluster_.store().list(Kind::other))
    if (o->ns() == in && o->name() == name && is_of_kind(*o, kind, cluster_.names())) return o.get();
  return nullptr;
}

void UserApi::share_spec(Pod& pod) {
  if (specs_.size() >= specs_kept_) {
    std::erase_if(specs_, [](const auto& entry) { return entry.second->ref_count() == 1; });
    specs_kept_ = std::max<std::size_t>(1024, specs_.size() * 2);
  }
  pod.spec = specs_.try_emplace(pod.spec->text(), pod.spec).first->second;
}

/// Defaults and checks the object, and makes `made` of it where it passes.
ApiResult UserApi::admit(Json object, Ref<Object>& made) {
  const std::string kind = kind_of(object);
  const Time now = std::max(cluster_.now(), cluster_.start());
  if (!object.contains("metadata") || !object["metadata"].is_object()) object["metadata"] = Json::object();
  if (kind == "Node") register_node(object, now);
  Json& meta = object["metadata"];
  Store& store = cluster_.store();
  const std::string prefix = meta.value("generateName", "");
  const std::string ns = is_known_kind(kind) && !is_namespaced_kind(kind) ? std::string{} : meta.value("namespace", "default");
  if (meta.value("name", "").empty() && !prefix.empty()) {
    std::string name;
    (void)store.generate_name(kind_from_name(kind), namespace_of(kind, ns), prefix, name);
    meta["name"] = std::move(name);
  }
  const Uid uid = store.new_uid();
  const std::string uid_text = uid.text(), now_text = format_rfc3339(unix_seconds(now));
  meta["uid"] = uid_text;
  if (is_known_kind(kind))
    prepare_for_create(kind, object, {.uid = uid_text, .now = now_text});
  else if (!meta.contains("namespace"))
    meta["namespace"] = ns;
  const auto errors = validate_create(kind, object);
  if (!errors.empty()) return invalid(kind, object["metadata"].value("name", ""), errors);
  made = from_json(std::move(object), cluster_.names());
  if (made->kind == orrery::Kind::pod) share_spec(static_cast<Pod&>(*made));
  if (made->kind == orrery::Kind::cronjob) memo_->share_template(static_cast<CronJob&>(*made));
  made->meta.id->created = stamp(now);
  return {};
}

ApiResult UserApi::create(Json object) {
  Store& store = cluster_.store();
  Ref<Object> made;
  if (!Nameless::can_take(kind_of(object), object)) {
    ApiResult refusal = admit(std::move(object), made);
    if (!made) return refusal;
    return store.create(std::move(made));
  }
  Nameless written(std::move(object));
  made = memo_->find(written, stamp(std::max(cluster_.now(), cluster_.start())));
  if (made) {
    made->meta.id->uid = store.new_uid();
    return store.create(std::move(made));
  }
  Json rest = written.rest;
  const std::size_t hash = written.hash;
  ApiResult refusal = admit(std::move(written).named(), made);
  if (!made) return refusal;
  memo_->keep(std::move(rest), hash, *made);
  return store.create(std::move(made));
}

ApiResult UserApi::apply(Json object) {
  const std::string kind = kind_of(object);
  const auto meta = object.find("metadata");
  const bool has_meta = meta != object.end() && meta->is_object();
  const std::string name = has_meta ? meta->value("name", "") : std::string{}, ns = has_meta ? meta->value("namespace", "") : std::string{};
  const Object* old = name.empty() ? nullptr
                                   : cluster_.store().live(kind_from_name(kind), namespace_of(kind, ns), name, other_kind_of(cluster_, object));
  if (old == nullptr) return create(std::move(object));
  if (kind == "Node") register_node(object, cluster_.now());
  if (!is_known_kind(kind)) return update(*old, std::move(object));
  return patch(kind, ns, name, PatchType::strategic, object);
}

ApiResult UserApi::patch(std::string_view kind, std::string_view ns, std::string_view name, PatchType type, const Json& patch) {
  const Object* old = find(kind, ns, name);
  if (old == nullptr) {
    const Kind k = kind_from_name(kind);
    return refused(ApiStatus::not_found, fmt::format("{} \"{}\" not found", k == Kind::other ? kind : resource_name(k), name));
  }
  const Json before = to_json(*old, cluster_.names());
  Result<Json> next = type == PatchType::json    ? json_patch(before, patch)
                      : type == PatchType::merge ? merge_patch(before, patch)
                                                 : strategic_merge_patch(before, patch, kind);
  if (!next) return refused(ApiStatus::invalid, all_of(next.problems()));
  Diagnostics problems;
  check_object(*next, "", problems);
  if (!problems.empty()) return refused(ApiStatus::invalid, all_of(problems));
  return update(*old, std::move(*next));
}

ApiResult UserApi::update(const Object& old, Json next) {
  const std::string kind = kind_of(next);
  const Ref<const Object> held(&old);
  if (is_known_kind(kind)) {
    const Json before = to_json(old, cluster_.names());
    prepare_for_update(kind, next, before);
    const auto errors = validate_update(kind, next, before);
    if (!errors.empty()) return invalid(kind, old.name(), errors);
  }
  return cluster_.store().replace(from_json(next, cluster_.names(), &old));
}

ApiResult UserApi::remove(std::string_view kind, std::string_view ns, std::string_view name, const DeleteOptions& options) {
  const Kind k = kind_from_name(kind);
  if (k != Kind::other) return cluster_.store().remove(k, namespace_of(kind, ns), name, options);
  const Object* o = find(kind, ns, name);
  if (o == nullptr) return refused(ApiStatus::not_found, fmt::format("{} \"{}\" not found", kind, name));
  const Symbol other_kind = o->meta.id->other_kind();
  return cluster_.store().remove(k, o->ns(), name, options, other_kind);
}

}  // namespace orrery
