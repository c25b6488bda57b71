// The block of a container (K-054 … K-056).
#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "describe_parts.hpp"
#include "orrery/api/quantity.hpp"
#include "values.hpp"

namespace orrery::kubectl {

using Json = nlohmann::json;

namespace {

std::string ports_text(const Json& container, const char* key) {
  std::string out;
  for (const Json& p : items_of(member(container, "ports"))) {
    const std::string name = text_at(p, {"name"});
    out += fmt::format("{}{}/{}", out.empty() ? "" : ", ", integer_of(member(p, key)), text_at(p, {"protocol"}));
    if (!name.empty()) out += " (" + name + ")";
  }
  return out;
}

void put_ports(TabText& out, std::string_view label, const std::string& text) {
  out.line(2, "{}{}:\t{}", label, text.find(',') == std::string::npos ? "" : "s", text.empty() ? "<none>" : text);
}

void put_words(TabText& out, std::string_view title, const Json& words) {
  if (items_of(words).empty()) return;
  out.line(2, "{}:", title);
  for (const Json& w : items_of(words))
    for (const std::string& l : lines_of(text_of(w))) out.line(3, "{}", l);
}

// K-055.
void put_state(TabText& out, std::string_view title, const Json& state) {
  const Json &running = member(state, "running"), &terminated = member(state, "terminated");
  if (running.is_object()) {
    out.line(2, "{}:\tRunning", title);
    out.line(3, "Started:\t{}", absolute_time(member(running, "startedAt")));
    return;
  }
  if (!terminated.is_object() || member(state, "waiting").is_object()) {
    out.line(2, "{}:\tWaiting", title);
    if (const std::string reason = text_at(state, {"waiting", "reason"}); !reason.empty()) out.line(3, "Reason:\t{}", reason);
    return;
  }
  out.line(2, "{}:\tTerminated", title);
  if (const std::string reason = text_at(terminated, {"reason"}); !reason.empty()) out.line(3, "Reason:\t{}", reason);
  if (const std::string message = text_at(terminated, {"message"}); !message.empty()) out.line(3, "Message:\t{}", message);
  out.line(3, "Exit Code:\t{}", integer_of(member(terminated, "exitCode")));
  if (const std::int64_t signal = integer_of(member(terminated, "signal")); signal > 0) out.line(3, "Signal:\t{}", signal);
  out.line(3, "Started:\t{}", absolute_time(member(terminated, "startedAt")));
  out.line(3, "Finished:\t{}", absolute_time(member(terminated, "finishedAt")));
}

// The path of a URL with what Go escapes in it.
std::string escaped_path(const std::string& path) {
  if (path.empty() || path == "*") return path;
  std::string out = path.front() == '/' ? "" : "/";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-_.~$&+,/:;=@").find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// K-056.
std::string probe_text(const Json& probe) {
  const auto number = [&](const char* key) { return integer_of(member(probe, key)); };
  const std::string numbers = fmt::format("delay={}s timeout={}s period={}s #success={} #failure={}", number("initialDelaySeconds"), number("timeoutSeconds"),
                                          number("periodSeconds"), number("successThreshold"), number("failureThreshold"));
  if (const Json& exec = member(probe, "exec"); exec.is_object()) {
    std::vector<std::string> words;
    for (const Json& w : items_of(member(exec, "command"))) words.push_back(text_of(w));
    return fmt::format("exec [{}] {}", fmt::join(words, " "), numbers);
  }
  if (const Json& get = member(probe, "httpGet"); get.is_object()) {
    std::string scheme = text_at(get, {"scheme"}), host = text_at(get, {"host"});
    for (char& c : scheme)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (host.find(':') != std::string::npos) host = '[' + host + ']';
    return fmt::format("http-get {}//{}:{}{} {}", scheme.empty() ? "" : scheme + ':', host, scalar_text(member(get, "port")), escaped_path(text_at(get, {"path"})), numbers);
  }
  if (const Json& tcp = member(probe, "tcpSocket"); tcp.is_object())
    return fmt::format("tcp-socket {}:{} {}", text_at(tcp, {"host"}), scalar_text(member(tcp, "port")), numbers);
  if (const Json& grpc = member(probe, "grpc"); grpc.is_object())
    return fmt::format("grpc <pod>:{} {} {}", integer_of(member(grpc, "port")), text_at(grpc, {"service"}), numbers);
  return "unknown " + numbers;
}

// Only the metadata can be shown; kubectl leaves the other fields empty.
std::string field_text(const Json& pod, const std::string& path) {
  const Json& meta = member(pod, "metadata");
  for (const char* key : {"name", "namespace", "uid"})
    if (path == fmt::format("metadata.{}", key)) return text_of(member(meta, key));
  for (const char* key : {"labels", "annotations"}) {
    const std::string prefix = fmt::format("metadata.{}['", key);
    if (path.starts_with(prefix) && path.ends_with("']") && path.size() >= prefix.size() + 2)
      return text_of(member(member(meta, key), path.substr(prefix.size(), path.size() - prefix.size() - 2).c_str()));
  }
  return {};
}

// "limits.cpu" in units of the divisor, rounded up.
std::string resource_text(const Json& container, const Json& reference) {
  const std::string resource = text_at(reference, {"resource"});
  const std::size_t dot = resource.find('.');
  if (dot == std::string::npos) return {};
  const std::string list = resource.substr(0, dot), name = resource.substr(dot + 1);
  const bool milli = name == "cpu";
  const auto amount = [&](const Json& v) {
    const auto q = parse_quantity(v);
    return !q ? std::int64_t{0} : milli ? q->milli_value() : q->value();
  };
  std::int64_t divisor = amount(member(reference, "divisor"));
  if (divisor <= 0) divisor = milli ? 1000 : 1;
  const std::int64_t value = amount(member(at_path(container, {"resources", list.c_str()}), name.c_str()));
  if (value == 0 && list == "limits" && (name == "cpu" || name == "memory")) return "node allocatable";
  return fmt::format("{}", value / divisor + (value % divisor > 0 ? 1 : 0));
}

void put_environment(TabText& out, const Json& container, const Json* pod) {
  const Json& sources = items_of(member(container, "envFrom"));
  if (!sources.empty()) out.line(2, "Environment Variables from:");
  for (const Json& s : sources) {
    const bool secret = !member(s, "configMapRef").is_object();
    const Json& from = member(s, secret ? "secretRef" : "configMapRef");
    const std::string prefix = text_at(s, {"prefix"});
    out.line(3, "{}\t{}{}\tOptional: {}", text_at(from, {"name"}), secret ? "Secret" : "ConfigMap", prefix.empty() ? "" : " with prefix '" + prefix + "'",
             is_true(member(from, "optional")));
  }
  const Json& variables = items_of(member(container, "env"));
  out.line(2, "Environment:{}", variables.empty() ? "\t<none>" : "");
  for (const Json& e : variables) {
    const std::string name = text_at(e, {"name"});
    const Json& from = member(e, "valueFrom");
    if (!from.is_object()) {
      bool first = true;
      for (const std::string& l : lines_of(text_at(e, {"value"}))) {
        out.line(3, "{}\t{}", first ? name + ':' : "", l);
        first = false;
      }
    } else if (const Json& field = member(from, "fieldRef"); field.is_object()) {
      const std::string path = text_at(field, {"fieldPath"});
      out.line(3, "{}:\t{} ({}:{})", name, pod != nullptr ? field_text(*pod, path) : "", text_at(field, {"apiVersion"}), path);
    } else if (const Json& resource = member(from, "resourceFieldRef"); resource.is_object()) {
      out.line(3, "{}:\t{} ({})", name, resource_text(container, resource), text_at(resource, {"resource"}));
    } else if (const Json& secret = member(from, "secretKeyRef"); secret.is_object()) {
      out.line(3, "{}:\t<set to the key '{}' in secret '{}'>\tOptional: {}", name, text_at(secret, {"key"}), text_at(secret, {"name"}), is_true(member(secret, "optional")));
    } else if (const Json& map = member(from, "configMapKeyRef"); map.is_object()) {
      out.line(3, "{}:\t<set to the key '{}' of config map '{}'>\tOptional: {}", name, text_at(map, {"key"}), text_at(map, {"name"}), is_true(member(map, "optional")));
    }
  }
}

std::vector<const Json*> sorted_by(const Json& items, const char* key) {
  std::vector<const Json*> out;
  for (const Json& i : items_of(items)) out.push_back(&i);
  std::stable_sort(out.begin(), out.end(), [key](const Json* a, const Json* b) { return text_of(member(*a, key)) < text_of(member(*b, key)); });
  return out;
}

void put_mounts(TabText& out, const Json& container) {
  const auto mounts = sorted_by(member(container, "volumeMounts"), "mountPath");
  const std::string_view none = mounts.empty() ? "\t<none>" : "";
  out.line(2, "Mounts:{}", none);
  for (const Json* m : mounts) {
    const std::string sub_path = text_at(*m, {"subPath"});
    out.line(3, "{} from {} ({}{})", text_at(*m, {"mountPath"}), text_at(*m, {"name"}), is_true(member(*m, "readOnly")) ? "ro" : "rw",
             sub_path.empty() ? "" : ",path=\"" + sub_path + '"');
  }
  const auto devices = sorted_by(member(container, "volumeDevices"), "devicePath");
  if (!devices.empty()) out.line(2, "Devices:{}", none);
  for (const Json* d : devices) out.line(3, "{} from {}", text_at(*d, {"devicePath"}), text_at(*d, {"name"}));
}

}  // namespace

void put_resources(TabText& out, std::size_t level, const Json& resources) {
  for (const auto& [title, key] : {std::pair{"Limits", "limits"}, std::pair{"Requests", "requests"}}) {
    const Json& list = member(resources, key);
    if (!list.is_object() || list.empty()) continue;
    out.line(level, "{}:", title);
    for (const auto& [name, value] : list.items()) out.line(level + 1, "{}:\t{}", name, quantity_text(value));
  }
}

void put_containers(TabText& out, const Json& containers, const Json& statuses, const ContainerBlock& block) {
  std::map<std::string, const Json*> by_name;
  for (const Json& s : items_of(statuses)) by_name[text_at(s, {"name"})] = &s;
  out.line(0, "{}{}:{}", block.space, block.label, items_of(containers).empty() ? " <none>" : "");
  for (const Json& c : items_of(containers)) {
    const auto found = by_name.find(text_at(c, {"name"}));
    const Json* status = found == by_name.end() ? nullptr : found->second;
    out.line(1, "{}{}:", block.space.empty() ? "" : " ", text_at(c, {"name"}));
    if (status != nullptr) out.line(2, "Container ID:\t{}", text_at(*status, {"containerID"}));
    out.line(2, "Image:\t{}", text_at(c, {"image"}));
    if (status != nullptr) out.line(2, "Image ID:\t{}", text_at(*status, {"imageID"}));
    put_ports(out, "Port", ports_text(c, "containerPort"));
    put_ports(out, "Host Port", ports_text(c, "hostPort"));
    if (const Json& profile = at_path(c, {"securityContext", "seccompProfile"}); profile.is_object()) {
      out.line(2, "SeccompProfile:\t{}", text_at(profile, {"type"}));
      if (text_at(profile, {"type"}) == "Localhost") out.line(3, "LocalhostProfile:\t{}", text_at(profile, {"localhostProfile"}));
    }
    put_words(out, "Command", member(c, "command"));
    put_words(out, "Args", member(c, "args"));
    if (status != nullptr) {
      put_state(out, "State", member(*status, "state"));
      if (const Json& last = member(*status, "lastState"); member(last, "terminated").is_object()) put_state(out, "Last State", last);
      out.line(2, "Ready:\t{}", is_true(member(*status, "ready")) ? "True" : "False");
      out.line(2, "Restart Count:\t{}", integer_of(member(*status, "restartCount")));
    }
    put_resources(out, 2, member(c, "resources"));
    for (const auto& [title, key] : {std::pair{"Liveness", "livenessProbe"}, std::pair{"Readiness", "readinessProbe"}, std::pair{"Startup", "startupProbe"}})
      if (const Json& probe = member(c, key); probe.is_object()) out.line(2, "{}:\t{}", title, probe_text(probe));
    put_environment(out, c, block.pod);
    put_mounts(out, c);
  }
}

}  // namespace orrery::kubectl
