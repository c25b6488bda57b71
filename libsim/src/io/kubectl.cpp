// `kubectl`: the command line a person would type, turned into verbs. The commands that change something are known; those
// that only look have no meaning in a timeline.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "command_line.hpp"
#include "kinds.hpp"
#include "kubectl_create.hpp"
#include "orrery/api/yaml.hpp"
#include "sections.hpp"

namespace orrery::scenario_reading {
namespace {

class KubectlReader {
 public:
  KubectlReader(ManifestLoader& manifests, CommandLine& line) : manifests_(manifests), line_(line) {}

  std::vector<Verb> read() {
    if (!line_.parse_leading()) return {};
    const std::string command(line_.peek());
    line_.skip();
    if (command == "apply") return apply(false);
    if (command == "create" || command == "run") return create(command);
    if (command == "delete") return remove();
    if (command == "cordon" || command == "uncordon") return cordon(command == "cordon");
    if (command == "drain") return drain();
    if (command == "set") return set_image();
    if (command == "rollout") return rollout();
    if (command == "patch") return patch();
    if (command == "taint") return taint();
    if (command == "label") return metadata(false);
    if (command == "annotate") return metadata(true);
    refuse(command);
    return {};
  }

 private:
  struct Named {
    const KindInfo* kind = nullptr;
    std::string name;
  };

  /// Says why a command cannot stand in a timeline, and what can.
  void refuse(const std::string& command) {
    struct Other {
      std::string_view command, why, hint;
    };
    static constexpr std::array kOthers{
        Other{"get", "changes nothing", "use an entry of \"expect\", or \"orrery get\""},
        Other{"describe", "changes nothing", "use \"orrery describe\""},
        Other{"events", "changes nothing", "use \"orrery events\""},
        Other{"logs", "changes nothing", "containers write no logs here"},
        Other{"top", "changes nothing", "use an entry of \"expect\", or \"orrery get\""},
        Other{"explain", "changes nothing", "use \"orrery explain\""},
        Other{"wait", "changes nothing", "use an entry of \"expect\" with \"within\""},
        Other{"version", "changes nothing", ""},
        Other{"diff", "changes nothing", ""},
        Other{"api-resources", "changes nothing", ""},
        Other{"cluster-info", "changes nothing", ""},
        Other{"config", "changes nothing", "name the namespace with -n"},
        Other{"auth", "changes nothing", ""},
        Other{"scale", "is for kinds with a scale subresource; Jobs and DaemonSets have none", "patch spec.parallelism of the Job"},
        Other{"autoscale", "is for kinds with a scale subresource; Jobs and DaemonSets have none", "patch spec.parallelism of the Job"},
        Other{"edit", "needs a person at an editor", "say what changes: patch KIND NAME -p '{…}'"},
        Other{"replace", "is not supported", "use apply -f FILE, or delete and create"},
        Other{"exec", "cannot run anything: containers only do what \"behaviors\" says", "the verb failPod ends a container"},
        Other{"attach", "cannot run anything: containers only do what \"behaviors\" says", ""},
        Other{"debug", "cannot run anything: containers only do what \"behaviors\" says", ""},
        Other{"cp", "cannot run anything: containers only do what \"behaviors\" says", ""},
        Other{"expose", "is not supported: there are no Services here", ""},
        Other{"port-forward", "is not supported: there is no network here", ""},
        Other{"proxy", "is not supported: there is no network here", ""},
    };
    static const std::vector<std::string_view> kCommands = {"apply", "create", "run", "delete", "cordon", "uncordon", "drain", "set", "rollout", "patch", "taint", "label", "annotate"};
    const auto* const other = std::find_if(kOthers.begin(), kOthers.end(), [&](const Other& o) { return o.command == command; });
    if (other != kOthers.end()) {
      line_.fail(fmt::format("\"{}\" {}", command, other->why), std::string(other->hint));
      return;
    }
    std::string hint = did_you_mean(command, kCommands);
    if (hint.empty()) hint = fmt::format("known: {}", fmt::join(kCommands, ", "));
    line_.fail(command.empty() ? "the command is missing" : fmt::format("the command \"{}\" is not supported", shown(std::string_view(command))), std::move(hint));
  }

  const KindInfo* kind(std::string_view word) {
    const KindInfo* info = find_kubectl_kind(word);
    if (!info) {
      std::vector<std::string_view> candidates;
      for (std::string_view k : known_kinds()) candidates.push_back(find_kind(k)->plural);
      line_.fail(fmt::format("unknown resource type \"{}\"", shown(word)), did_you_mean(word, candidates));
    }
    return info;
  }

  /// "job/a job/b", or "job a b" (and "job,cronjob a"). Only kinds and no names give one entry with an empty name each.
  std::vector<Named> resources(const std::vector<std::string>& words) {
    std::vector<Named> out;
    const bool slashed = std::any_of(words.begin(), words.end(), [](const std::string& w) { return w.find('/') != std::string::npos; });
    if (slashed) {
      for (const std::string& w : words) {
        const auto slash = w.find('/');
        if (slash == std::string::npos || slash + 1 == w.size() || w.find('/', slash + 1) != std::string::npos) {
          line_.fail(fmt::format("\"{}\" is not of the form KIND/NAME like the others", shown(std::string_view(w))));
          return {};
        }
        const KindInfo* k = kind(std::string_view(w).substr(0, slash));
        if (!k) return {};
        out.push_back({k, w.substr(slash + 1)});
      }
      return checked(std::move(out));
    }
    if (words.empty()) {
      line_.fail("which resource? Give KIND NAME or KIND/NAME");
      return {};
    }
    std::vector<const KindInfo*> kinds;
    // The category: what of it exists here.
    const bool all = words[0] == "all" && words.size() == 1;
    if (all)
      for (std::string_view k : {"Pod", "DaemonSet", "CronJob", "Job"}) kinds.push_back(find_kind(k));
    for (std::size_t from = 0; from <= words[0].size() && !all;) {
      const std::size_t comma = std::min(words[0].find(',', from), words[0].size());
      const KindInfo* k = kind(std::string_view(words[0]).substr(from, comma - from));
      if (!k) return {};
      kinds.push_back(k);
      from = comma + 1;
    }
    for (const KindInfo* k : kinds) {
      if (words.size() == 1) out.push_back({k, ""});
      for (std::size_t i = 1; i < words.size(); ++i) out.push_back({k, words[i]});
    }
    return checked(std::move(out));
  }

  std::vector<Named> checked(std::vector<Named> list) {
    for (const Named& n : list) {
      if (n.name.size() <= kMaxNameLength) continue;
      line_.fail(fmt::format("a name of {} bytes is longer than the limit of {}", n.name.size(), kMaxNameLength));
      return {};
    }
    return list;
  }

  /// Exactly one or more objects by name; reports and returns nothing otherwise.
  std::vector<Named> named(const std::vector<std::string>& words) {
    auto list = resources(words);
    if (std::any_of(list.begin(), list.end(), [](const Named& n) { return n.name.empty(); })) {
      line_.fail("the name of the resource is missing");
      return {};
    }
    return list;
  }

  ObjectName object(const Named& n) { return {std::string(n.kind->kind), namespace_of(*n.kind, line_.value("namespace")), n.name}; }

  std::string selector() {
    if (!line_.given("selector")) return {};
    return read_selector(line_.problems(), json(line_.value("selector")), line_.pointer()).value_or("");
  }

  /// The nodes that arguments, -l or --all name.
  std::vector<NodeTarget> nodes(const std::vector<std::string>& names) {
    std::vector<NodeTarget> out;
    for (const std::string& n : names) out.push_back({n.rfind("node/", 0) == 0 ? n.substr(5) : n, "", std::nullopt});
    if (line_.given("selector")) {
      if (!names.empty())
        line_.fail("give either names or a selector, not both");
      else
        out.push_back({"", selector(), std::nullopt});
    } else if (line_.is_on("all") && names.empty()) {
      out.push_back({"", "", std::nullopt});
    }
    if (out.empty()) line_.fail("which node?");
    return out;
  }

  std::vector<Verb> create(const std::string& command) {
    const std::string what(command == "run" ? "run" : line_.peek());
    if (!can_create(what)) {
      if (what.empty() || what[0] == '-') return apply(true);
      line_.fail(fmt::format("\"create {}\" is not supported", shown(std::string_view(what))), fmt::format("possible: create -f FILE, and create with {}", created_kinds()));
      return {};
    }
    if (command != "run") line_.skip();
    if (!line_.parse(flags_to_create(what))) return {};
    if (what == "job" && line_.given("from")) {
      // The template of a CronJob is known when the command runs, not before.
      auto job = job_from_cron_job(line_);
      if (!job) return {};
      return {std::move(*job)};
    }
    const auto object = created_object(line_, what);
    if (!object) return {};
    verb::Apply out;
    out.mode = verb::Apply::Mode::create;
    manifests_.add_inline(*object, line_.pointer(), out.objects);
    return {std::move(out)};
  }

  std::vector<Verb> apply(bool create) {
    if (!line_.parse({kFile, kNamespace, {"recursive", 'R', Takes::nothing}, {"server-side", 0, Takes::nothing}, kForce, kWait,
                      {"force-conflicts", 0, Takes::nothing}, {"save-config", 0, Takes::nothing}, {"validate", 0, Takes::maybe}, {"kustomize", 'k', Takes::value}, {"prune", 0, Takes::nothing}}))
      return {};
    if (line_.given("kustomize") || line_.is_on("prune")) {
      line_.fail(fmt::format("--{} is not supported", line_.given("kustomize") ? "kustomize" : "prune"), "possible: apply -f FILE");
      return {};
    }
    if (!line_.arguments.empty()) {
      line_.fail(fmt::format("\"{} {}\" is not supported", create ? "create" : "apply", shown(std::string_view(line_.arguments[0]))),
                 create ? fmt::format("possible: create -f FILE, and create with {}", created_kinds()) : "possible: apply -f FILE");
      return {};
    }
    const std::size_t before = line_.problems().size();
    verb::Apply out;
    out.mode = create ? verb::Apply::Mode::create : verb::Apply::Mode::apply;
    const auto files = line_.all("filename");
    if (files.empty()) line_.fail("-f FILE is missing");
    load(files, out.objects);
    if (line_.problems().size() != before) return {};
    return {std::move(out)};
  }

  void load(const std::vector<std::string>& files, std::vector<ManifestObject>& out) {
    for (const std::string& list : files) {
      for (std::size_t from = 0; from <= list.size();) {
        const std::size_t comma = std::min(list.find(',', from), list.size());
        const std::string file = list.substr(from, comma - from);
        if (file == "-")
          line_.fail("nobody writes to standard input here", "name a file");
        else if (file.find("://") != std::string::npos)
          line_.fail(fmt::format("\"{}\" cannot be fetched: there is no network here", shown(std::string_view(file))), "save it next to the scenario and name the file");
        else
          manifests_.load(file, line_.pointer(), out);
        from = comma + 1;
      }
    }
    if (!line_.given("namespace")) return;
    for (ManifestObject& o : out) {
      const KindInfo* info = find_kind(o.object.value("kind", ""));
      if (!info || !info->namespaced || !o.object.contains("metadata") || !o.object["metadata"].is_object()) continue;
      json& ns = o.object["metadata"]["namespace"];
      if (!ns.is_string() || ns == "")
        ns = line_.value("namespace");
      else if (ns != line_.value("namespace"))
        line_.fail(fmt::format("the namespace of {} is {}, not that of the command line", info->kind, shown(ns)));
    }
  }

  std::vector<Verb> remove() {
    if (!line_.parse({kFile, kNamespace, kSelector, kAll, kForce, kGrace, kWait, kTimeout, {"now", 0, Takes::nothing}, {"cascade", 0, Takes::maybe},
                      {"field-selector", 0, Takes::value}, {"ignore-not-found", 0, Takes::nothing}, kAllNamespaces}))
      return {};
    const std::size_t before = line_.problems().size();
    verb::Delete base;
    const std::string cascade = line_.value("cascade");
    if (cascade == "orphan" || cascade == "false")
      base.propagation = verb::Delete::Propagation::orphan;
    else if (cascade == "foreground")
      base.propagation = verb::Delete::Propagation::foreground;
    else if (!cascade.empty() && cascade != "background" && cascade != "true")
      line_.fail(fmt::format("--cascade is background, foreground or orphan, not \"{}\"", shown(std::string_view(cascade))));
    // -1 is kubectl's way to say "as the object wants it".
    if (const auto grace = line_.integer("grace-period", -1); grace && *grace >= 0) base.grace_period_seconds = grace;
    // kubectl/pkg/cmd/delete/delete.go: without --force, 0 becomes 1 (K-081).
    const bool force = line_.is_on("force"), now = line_.is_on("now");
    if (now && (force || base.grace_period_seconds)) line_.fail("--now stands for a grace period of 1 s; it excludes --force and --grace-period");
    if (force && base.grace_period_seconds.value_or(0) > 0) line_.fail("--force and a --grace-period greater than 0 exclude each other");
    if (now || (base.grace_period_seconds == 0 && !force)) base.grace_period_seconds = 1;
    if (force && !base.grace_period_seconds) base.grace_period_seconds = 0;
    base.ignore_not_found = line_.is_on("ignore-not-found");
    base.selector = selector();
    const std::string field = line_.value("field-selector");
    constexpr std::string_view kNodeField = "spec.nodeName=";
    if (field.rfind(kNodeField, 0) == 0 && field.size() > kNodeField.size())
      base.node = field.substr(kNodeField.size() + (field[kNodeField.size()] == '=' ? 1 : 0));
    else if (line_.given("field-selector"))
      line_.fail("the only field selector here is spec.nodeName=NODE");
    std::vector<Verb> out = line_.given("filename") ? remove_files(base) : remove_named(base);
    if (line_.problems().size() != before) out.clear();
    return out;
  }

  std::vector<Verb> remove_files(const verb::Delete& base) {
    std::vector<Verb> out;
    std::vector<ManifestObject> objects;
    load(line_.all("filename"), objects);
    for (const ManifestObject& o : objects) {
      const KindInfo* info = kind(o.object.value("kind", ""));
      const auto& meta = o.object.find("metadata");
      if (!info || meta == o.object.end() || !meta->is_object()) continue;
      verb::Delete d = base;
      d.target = {std::string(info->kind), namespace_of(*info, meta->value("namespace", "")), meta->value("name", "")};
      if (!d.target.name.empty()) out.emplace_back(std::move(d));
    }
    if (!line_.arguments.empty()) line_.fail("give either files or resources, not both");
    return out;
  }

  std::vector<Verb> remove_named(const verb::Delete& base) {
    std::vector<Verb> out;
    const bool selected = line_.given("selector") || line_.given("field-selector") || line_.is_on("all");
    for (const Named& n : resources(line_.arguments)) {
      if (n.name.empty() && !selected) line_.fail("which objects? Give a name, -l SELECTOR or --all");
      if (!n.name.empty() && selected) line_.fail("give either a name or a selection, not both");
      if (!base.node.empty() && n.kind->kind != "Pod") line_.fail("--field-selector spec.nodeName is for pods");
      verb::Delete d = base;
      d.target = object(n);
      if (line_.is_on("all-namespaces")) {
        if (!n.name.empty()) line_.fail("a name cannot be looked for in all namespaces", "give -n NAMESPACE");
        d.target.ns.clear();
      }
      out.emplace_back(std::move(d));
    }
    return out;
  }

  std::vector<Verb> cordon(bool on) {
    if (!line_.parse({kSelector})) return {};
    std::vector<Verb> out;
    for (NodeTarget& n : nodes(line_.arguments)) {
      if (on)
        out.emplace_back(verb::Cordon{std::move(n)});
      else
        out.emplace_back(verb::Uncordon{std::move(n)});
    }
    return out;
  }

  std::vector<Verb> drain() {
    if (!line_.parse({kSelector, kForce, kGrace, kTimeout, {"ignore-daemonsets", 0, Takes::nothing}, {"delete-emptydir-data", 0, Takes::nothing}, {"delete-local-data", 0, Takes::nothing}}))
      return {};
    verb::Drain base;
    base.ignore_daemon_sets = line_.is_on("ignore-daemonsets");
    base.force = line_.is_on("force");
    base.delete_empty_dir_data = line_.is_on("delete-emptydir-data") || line_.is_on("delete-local-data");
    base.grace_period_seconds = line_.integer("grace-period", -1).value_or(-1);
    if (line_.given("timeout")) {
      const auto timeout = read_duration(line_.problems(), std::string_view(line_.value("timeout")), line_.pointer());
      if (timeout && *timeout > Duration::zero()) base.timeout = timeout;
    }
    std::vector<Verb> out;
    for (NodeTarget& n : nodes(line_.arguments)) {
      base.node = std::move(n);
      out.emplace_back(base);
    }
    return out;
  }

  std::vector<Verb> set_image() {
    if (line_.peek() != "image") {
      line_.fail("only \"set image\" is supported", "for everything else: patch KIND NAME -p '{…}'");
      return {};
    }
    line_.skip();
    if (!line_.parse({kNamespace})) return {};
    std::vector<std::string> where;
    std::vector<std::string> images;
    for (const std::string& a : line_.arguments) (a.find('=') == std::string::npos ? where : images).push_back(a);
    std::vector<Verb> out;
    if (images.empty()) line_.fail("which image? Give CONTAINER=IMAGE");
    for (const Named& n : named(where)) {
      static const std::vector<std::string_view> kAllowed = {"Pod", "Job", "CronJob", "DaemonSet"};
      if (std::find(kAllowed.begin(), kAllowed.end(), n.kind->kind) == kAllowed.end()) {
        line_.fail(fmt::format("a {} is not simulated", n.kind->kind), "possible: Pod, Job, CronJob, DaemonSet");
        continue;
      }
      for (const std::string& i : images) {
        const auto equals = i.find('=');
        if (equals == 0 || equals + 1 == i.size())
          line_.fail(fmt::format("\"{}\" is not of the form CONTAINER=IMAGE", shown(std::string_view(i))));
        else
          out.emplace_back(verb::SetImage{object(n), i.substr(0, equals), i.substr(equals + 1)});
      }
    }
    return out;
  }

  std::vector<Verb> rollout() {
    const std::string what(line_.peek());
    line_.skip();
    if (what != "undo" && what != "restart") {
      if (what == "status" || what == "history")
        line_.fail(fmt::format("\"rollout {}\" changes nothing", what), fmt::format("use an entry of \"expect\", or \"orrery rollout {}\"", what));
      else if (what == "pause" || what == "resume")
        line_.fail("a DaemonSet cannot be paused", "updateStrategy OnDelete lets pods be replaced only when they are deleted");
      else
        line_.fail("only \"rollout undo\" and \"rollout restart\" are supported", "the state of a rollout is an entry of \"expect\"");
      return {};
    }
    if (!line_.parse({kNamespace, {"to-revision", 0, Takes::value}})) return {};
    std::vector<Verb> out;
    const std::int64_t revision = what == "undo" ? line_.integer("to-revision", 0).value_or(0) : 0;
    for (const Named& n : named(line_.arguments)) {
      if (n.kind->kind != "DaemonSet")
        line_.fail(fmt::format("\"rollout {}\" of a {} is not simulated", what, n.kind->kind), "possible: DaemonSet");
      else if (what == "undo")
        out.emplace_back(verb::Rollback{object(n), revision});
      else
        out.emplace_back(verb::Restart{object(n)});
    }
    return out;
  }

  std::vector<Verb> patch() {
    if (!line_.parse({kNamespace, {"patch", 'p', Takes::value}, {"type", 0, Takes::value}})) return {};
    verb::Patch base;
    const std::string type = line_.value("type");
    if (type == "merge")
      base.type = verb::Patch::Type::merge;
    else if (type == "json")
      base.type = verb::Patch::Type::json;
    else if (!type.empty() && type != "strategic")
      line_.fail(fmt::format("--type is strategic, merge or json, not \"{}\"", shown(std::string_view(type))));
    Diagnostics reading;
    auto documents = read_documents(line_.value("patch"), "", reading);
    if (!line_.given("patch")) {
      line_.fail("-p PATCH is missing");
    } else if (!reading.empty() || documents.size() != 1) {
      line_.fail(fmt::format("the patch is neither JSON nor YAML{}", reading.empty() ? "" : ": " + reading[0].message));
    } else {
      base.patch = std::move(documents[0].value);
      const bool good = base.type == verb::Patch::Type::json ? base.patch.is_array() : base.patch.is_object();
      if (!good) line_.fail(fmt::format("the patch must be {}", base.type == verb::Patch::Type::json ? "a list of operations" : "an object"));
    }
    std::vector<Verb> out;
    for (const Named& n : named(line_.arguments)) {
      base.target = object(n);
      out.emplace_back(base);
    }
    return out;
  }

  /// key=value:Effect, key:Effect, key=value:Effect-, key:Effect-, key-
  bool read_taint(std::string_view text, verb::Taint::Change& out) {
    if (!text.empty() && text.back() == '-') {
      out.remove = true;
      text.remove_suffix(1);
    }
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos) out.effect = std::string(text.substr(colon + 1));
    const std::string_view pair = text.substr(0, colon);
    const auto equals = pair.find('=');
    out.key = std::string(pair.substr(0, equals));
    if (equals != std::string_view::npos) out.value = std::string(pair.substr(equals + 1));
    const bool known = out.effect == "NoSchedule" || out.effect == "PreferNoSchedule" || out.effect == "NoExecute";
    return !out.key.empty() && (known || (out.remove && out.effect.empty()));
  }

  std::vector<Verb> taint() {
    if (!line_.parse({kSelector, kAll, kOverwrite})) return {};
    verb::Taint base;
    base.overwrite = line_.is_on("overwrite");
    std::vector<std::string> names;
    for (std::size_t i = 0; i < line_.arguments.size(); ++i) {
      const std::string& a = line_.arguments[i];
      if (i == 0) {
        const KindInfo* k = find_kubectl_kind(std::string_view(a).substr(0, a.find('/')));
        if (!k || k->kind != "Node") line_.fail("only nodes can be tainted", "taint nodes NAME KEY=VALUE:EFFECT");
        if (a.find('/') != std::string::npos) names.push_back(a.substr(a.find('/') + 1));
      } else if (a.find(':') == std::string::npos && a.find('=') == std::string::npos && a.back() != '-') {
        names.push_back(a);
      } else if (verb::Taint::Change change; read_taint(a, change)) {
        base.changes.push_back(std::move(change));
      } else {
        line_.fail(fmt::format("\"{}\" is not a taint", shown(std::string_view(a))), "write KEY=VALUE:EFFECT, or KEY:EFFECT- to remove; effects: NoSchedule, PreferNoSchedule, NoExecute");
      }
    }
    if (base.changes.empty()) line_.fail("which taint? Give KEY=VALUE:EFFECT");
    std::vector<Verb> out;
    for (NodeTarget& n : nodes(names)) {
      base.node = std::move(n);
      out.emplace_back(base);
    }
    return out;
  }

  std::vector<Verb> metadata(bool annotations) {
    if (!line_.parse({kNamespace, kOverwrite, kSelector, kAll, kAllNamespaces})) return {};
    verb::Relabel base;
    base.annotations = annotations;
    base.overwrite = line_.is_on("overwrite");
    base.changes = json::object();
    base.selector = selector();
    std::vector<std::string> where;
    for (const std::string& a : line_.arguments) {
      const auto equals = a.find('=');
      if (equals != std::string::npos && equals > 0)
        base.changes[a.substr(0, equals)] = a.substr(equals + 1);
      else if (a.size() > 1 && a.back() == '-' && !where.empty())
        base.changes[a.substr(0, a.size() - 1)] = nullptr;
      else
        where.push_back(a);
    }
    if (base.changes.empty()) line_.fail(fmt::format("which {}? Give KEY=VALUE, or KEY- to remove", annotations ? "annotations" : "labels"));
    const bool selected = line_.given("selector") || line_.is_on("all");
    std::vector<Verb> out;
    for (const Named& n : resources(where)) {
      if (n.name.empty() && !selected) line_.fail("the name of the resource is missing", "or -l SELECTOR, or --all");
      if (!n.name.empty() && selected) line_.fail("give either a name or a selection, not both");
      verb::Relabel v = base;
      v.target = object(n);
      if (line_.is_on("all-namespaces")) v.target.ns.clear();
      out.emplace_back(std::move(v));
    }
    return out;
  }

  ManifestLoader& manifests_;
  CommandLine& line_;
};

}  // namespace

std::vector<Verb> read_kubectl(Problems& problems, ManifestLoader& manifests, const std::string& command, const std::string& pointer) {
  std::vector<std::string> words;
  if (const std::string error = split_words(command, words); !error.empty()) {
    problems.add(pointer, error);
    return {};
  }
  CommandLine line(problems, pointer, std::move(words));
  if (line.peek() == "kubectl") line.skip();
  return KubectlReader(manifests, line).read();
}

}  // namespace orrery::scenario_reading
