#include "describe_parts.hpp"

#include <algorithm>
#include <vector>

#include "orrery/api/selector.hpp"
#include "orrery/kubectl/events.hpp"
#include "values.hpp"

namespace orrery::kubectl {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kMaxAnnotation = 140;

// DEVIATION: kubectl cuts between bytes; here a character is never cut in two, so that the output stays UTF-8.
std::string shortened(const std::string& text, std::size_t length) {
  if (text.size() <= length) return text;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return text.substr(0, length) + "...";
}

// "title:", then each value on a line of its own in the second column (K-041).
void put_multiline(TabText& out, std::string_view title, const std::vector<std::string>& values) {
  if (values.empty()) {
    out.line(0, "{}:\t<none>", title);
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) out.line(0, "{}\t{}", i == 0 ? fmt::format("{}:", title) : "", values[i]);
}

std::string toleration_text(const Json& t) {
  const std::string value = text_at(t, {"value"}), effect = text_at(t, {"effect"});
  std::string out = text_at(t, {"key"});
  if (!value.empty()) out += '=' + value;
  if (!effect.empty()) out += ':' + effect;
  if (value.empty() && text_at(t, {"operator"}) == "Exists") out += out.empty() ? "op=Exists" : " op=Exists";
  if (const Json& seconds = member(t, "tolerationSeconds"); seconds.is_number_integer()) out += fmt::format(" for {}s", integer_of(seconds));
  return out;
}

void put_projected(TabText& out, const Json& source) {
  out.line(2, "Type:\tProjected (a volume that contains injected data from multiple sources)");
  for (const Json& s : items_of(member(source, "sources"))) {
    if (const Json& secret = member(s, "secret"); secret.is_object()) {
      out.line(2, "SecretName:\t{}", text_at(secret, {"name"}));
      out.line(2, "Optional:\t{}", is_true(member(secret, "optional")));
    } else if (member(s, "downwardAPI").is_object()) {
      out.line(2, "DownwardAPI:\ttrue");
    } else if (const Json& map = member(s, "configMap"); map.is_object()) {
      out.line(2, "ConfigMapName:\t{}", text_at(map, {"name"}));
      out.line(2, "Optional:\t{}", is_true(member(map, "optional")));
    } else if (const Json& token = member(s, "serviceAccountToken"); token.is_object()) {
      out.line(2, "TokenExpirationSeconds:\t{}", integer_of(member(token, "expirationSeconds")));
    }
  }
}

// DEVIATION: sources that only exist with real storage (NFS, CSI, …) print as <unknown>.
void put_volume_source(TabText& out, const Json& volume) {
  if (const Json& host = member(volume, "hostPath"); host.is_object()) {
    out.line(2, "Type:\tHostPath (bare host directory volume)");
    out.line(2, "Path:\t{}", text_at(host, {"path"}));
    out.line(2, "HostPathType:\t{}", member(host, "type").is_string() ? text_at(host, {"type"}) : "<none>");
  } else if (const Json& empty = member(volume, "emptyDir"); empty.is_object()) {
    const std::string limit = quantity_text(member(empty, "sizeLimit"));
    out.line(2, "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)");
    out.line(2, "Medium:\t{}", text_at(empty, {"medium"}));
    out.line(2, "SizeLimit:\t{}", limit.empty() || limit == "0" || limit.front() == '-' ? "<unset>" : limit);
  } else if (const Json& secret = member(volume, "secret"); secret.is_object()) {
    out.line(2, "Type:\tSecret (a volume populated by a Secret)");
    out.line(2, "SecretName:\t{}", text_at(secret, {"secretName"}));
    out.line(2, "Optional:\t{}", is_true(member(secret, "optional")));
  } else if (const Json& map = member(volume, "configMap"); map.is_object()) {
    out.line(2, "Type:\tConfigMap (a volume populated by a ConfigMap)");
    out.line(2, "Name:\t{}", text_at(map, {"name"}));
    out.line(2, "Optional:\t{}", is_true(member(map, "optional")));
  } else if (const Json& claim = member(volume, "persistentVolumeClaim"); claim.is_object()) {
    out.line(2, "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)");
    out.line(2, "ClaimName:\t{}", text_at(claim, {"claimName"}));
    out.line(2, "ReadOnly:\t{}", is_true(member(claim, "readOnly")));
  } else if (const Json& downward = member(volume, "downwardAPI"); downward.is_object()) {
    out.line(2, "Type:\tDownwardAPI (a volume populated by information about the pod)");
    out.line(2, "Items:");
    for (const Json& item : items_of(member(downward, "items"))) {
      const std::string field = text_at(item, {"fieldRef", "fieldPath"}), resource = text_at(item, {"resourceFieldRef", "resource"});
      if (!field.empty()) out.line(3, "{} -> {}", field, text_at(item, {"path"}));
      if (!resource.empty()) out.line(3, "{} -> {}", resource, text_at(item, {"path"}));
    }
  } else if (const Json& projected = member(volume, "projected"); projected.is_object()) {
    put_projected(out, projected);
  } else {
    out.line(1, "<unknown>");
  }
}

bool concerns(const Json& event, const Json& object, const EventFilter& filter) {
  const Json &on = member(event, "involvedObject"), &meta = member(object, "metadata");
  if (text_at(on, {"name"}) != text_at(meta, {"name"})) return false;
  const std::string ns = text_at(meta, {"namespace"}), uid = text_at(meta, {"uid"}), on_uid = text_at(on, {"uid"});
  if (!ns.empty() && text_at(on, {"namespace"}) != ns) return false;
  if (!filter.any_kind && text_at(on, {"kind"}) != filter.kind) return false;
  return uid.empty() || on_uid == uid || (filter.name_as_uid && on_uid == text_at(meta, {"name"}));
}

}  // namespace

void put_labels(TabText& out, std::string_view title, const Json& labels) {
  std::vector<std::string> values;
  if (labels.is_object())
    for (const auto& [k, v] : labels.items()) values.push_back(k + '=' + text_of(v));
  put_multiline(out, title, values);
}

void put_annotations(TabText& out, std::string_view title, const Json& annotations) {
  out.put(0, fmt::format("{}:\t", title));
  bool first = true;
  if (annotations.is_object())
    for (const auto& [key, v] : annotations.items()) {
      if (key == "kubectl.kubernetes.io/last-applied-configuration") continue;
      if (!first) out.put(0, "\t");
      first = false;
      std::string value = text_of(v);
      if (value.ends_with('\n')) value.pop_back();
      if (value.size() + key.size() + 2 <= kMaxAnnotation && value.find('\n') == std::string::npos) {
        out.line(0, "{}: {}", key, value);
        continue;
      }
      out.line(0, "{}:", key);
      for (const std::string& l : lines_of(value)) out.line(0, "\t  {}", shortened(l, kMaxAnnotation - 2));
    }
  if (first) out.line(0, "<none>");
}

void put_tolerations(TabText& out, std::string_view title, const Json& tolerations) {
  std::vector<std::pair<std::string, std::string>> sorted;
  for (const Json& t : items_of(tolerations)) sorted.emplace_back(text_at(t, {"key"}), toleration_text(t));
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> values;
  for (auto& [key, text] : sorted) values.push_back(std::move(text));
  put_multiline(out, title, values);
}

void put_volumes(TabText& out, const Json& volumes, std::string_view space) {
  if (items_of(volumes).empty()) {
    out.line(0, "{}Volumes:\t<none>", space);
    return;
  }
  out.line(0, "{}Volumes:", space);
  for (const Json& v : items_of(volumes)) {
    out.line(1, "{}{}:", space.empty() ? "" : " ", text_at(v, {"name"}));
    put_volume_source(out, v);
  }
}

void put_topology_spread(TabText& out, const Json& constraints, std::string_view space) {
  std::vector<const Json*> sorted;
  for (const Json& c : items_of(constraints)) sorted.push_back(&c);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Json* a, const Json* b) { return text_at(*a, {"topologyKey"}) < text_at(*b, {"topologyKey"}); });
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Json& c = *sorted[i];
    out.put(0, fmt::format("{}{}\t", space, i == 0 ? "Topology Spread Constraints:" : ""));
    out.put(0, fmt::format("{}:{} when max skew {} is exceeded", text_at(c, {"topologyKey"}), text_at(c, {"whenUnsatisfiable"}), integer_of(member(c, "maxSkew"))));
    if (const Json& selector = member(c, "labelSelector"); selector.is_object()) out.put(0, " for selector " + selector_or_none(selector));
    out.put(0, "\n");
  }
}

void put_pod_template(TabText& out, const Json& pod_template) {
  const Json &meta = member(pod_template, "metadata"), &spec = member(pod_template, "spec");
  const Json kNoStatuses;
  out.line(0, "Pod Template:");
  put_labels(out, "  Labels", member(meta, "labels"));
  if (const Json& annotations = member(meta, "annotations"); annotations.is_object() && !annotations.empty()) put_annotations(out, "  Annotations", annotations);
  if (const std::string account = text_at(spec, {"serviceAccountName"}); !account.empty()) out.line(1, "Service Account:\t{}", account);
  if (!items_of(member(spec, "initContainers")).empty()) put_containers(out, member(spec, "initContainers"), kNoStatuses, {.label = "Init Containers", .space = "  "});
  put_containers(out, member(spec, "containers"), kNoStatuses, {.label = "Containers", .space = "  "});
  put_volumes(out, member(spec, "volumes"), "  ");
  put_topology_spread(out, member(spec, "topologySpreadConstraints"), "  ");
  if (const std::string name = text_at(spec, {"priorityClassName"}); !name.empty()) out.line(1, "Priority Class Name:\t{}", name);
  put_labels(out, "  Node-Selectors", member(spec, "nodeSelector"));
  put_tolerations(out, "  Tolerations", member(spec, "tolerations"));
}

std::string selector_line(const Json& selector) {
  std::string problem;
  const auto parsed = label_selector(selector, &problem);
  return parsed ? parsed->to_string() : "Failed to get selector: " + problem;
}

std::string selector_or_none(const Json& selector) {
  const auto parsed = label_selector(selector);
  if (!parsed) return "<error>";
  const std::string text = parsed->to_string();
  return text.empty() ? "<none>" : text;
}

void put_events(TabText& out, const Json& object, std::span<const Json> events, std::int64_t now_ns, const EventFilter& filter) {
  std::vector<std::pair<std::int64_t, const Json*>> found;
  for (const Json& e : events)
    if (concerns(e, object, filter)) found.emplace_back(nanoseconds_of(member(e, "lastTimestamp")), &e);
  if (found.empty()) {
    out.line(0, "Events:\t<none>");
    return;
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  out.line(0, "Events:");
  out.line(1, "Type\tReason\tAge\tFrom\tMessage");
  out.line(1, "----\t------\t----\t----\t-------");
  for (const auto& [time, e] : found) {
    std::string from = text_at(*e, {"source", "component"});
    if (from.empty()) from = text_at(*e, {"reportingComponent"});
    const std::string path = text_at(*e, {"involvedObject", "fieldPath"});
    out.line(1, "{}\t{}\t{}\t{}\t{}{}", text_at(*e, {"type"}), text_at(*e, {"reason"}), event_interval(*e, now_ns), from, path.empty() ? path : path + ": ",
             trimmed(text_at(*e, {"message"})));
  }
}

}  // namespace orrery::kubectl
