// `kubectl`: the command line a person would type, turned into verbs. The commands that change something are known; those
// that only look have no meaning in a timeline.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "kinds.hpp"
#include "orrery/api/yaml.hpp"
#include "sections.hpp"

namespace orrery::scenario_reading {
namespace {

constexpr std::size_t kMaxWords = 1'000;

/// Splits as a shell does, without its expansions. Empty on success, else what is wrong.
std::string split_words(std::string_view line, std::vector<std::string>& out) {
  std::string word;
  bool open = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\'' || c == '"') {
      open = true;
      for (++i; i < line.size() && line[i] != c; ++i) {
        if (c == '"' && line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\' || line[i + 1] == '$' || line[i + 1] == '`')) ++i;
        word += line[i];
      }
      if (i == line.size()) return fmt::format("the quote {} is never closed", c);
    } else if (c == '\\') {
      if (++i == line.size()) return "the line ends in a backslash";
      open = true;
      if (line[i] != '\n') word += line[i];
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (open) out.push_back(std::move(word));
      word.clear();
      open = false;
    } else if (c == '|' || c == ';' || c == '&' || c == '<' || c == '>' || c == '`' || c == '$' || c == '(' || c == ')') {
      return fmt::format("\"{}\" has a meaning to a shell, but there is none here", c);
    } else {
      open = true;
      word += c;
    }
    if (out.size() > kMaxWords) return fmt::format("more than {} words", kMaxWords);
  }
  if (open) out.push_back(std::move(word));
  return {};
}

/// A flag that a command knows. `ignored` ones change nothing in a simulated cluster.
struct Flag {
  std::string_view name;
  char letter = 0;
  enum class Takes : std::uint8_t { nothing, value, maybe } takes = Takes::value;
};
using Takes = Flag::Takes;

constexpr Flag kNamespace{"namespace", 'n', Takes::value};
constexpr Flag kFile{"filename", 'f', Takes::value};
constexpr Flag kSelector{"selector", 'l', Takes::value};
constexpr Flag kAll{"all", 0, Takes::nothing};
constexpr Flag kForce{"force", 0, Takes::nothing};
constexpr Flag kGrace{"grace-period", 0, Takes::value};
constexpr Flag kTimeout{"timeout", 0, Takes::value};
constexpr Flag kWait{"wait", 0, Takes::nothing};
constexpr Flag kOverwrite{"overwrite", 0, Takes::nothing};
constexpr Flag kImage{"image", 0, Takes::value};

class CommandLine {
 public:
  CommandLine(Problems& problems, std::string pointer, std::vector<std::string> words)
      : problems_(problems), pointer_(std::move(pointer)), words_(std::move(words)) {}

  void fail(std::string message, std::string hint = {}) const { problems_.add(pointer_, std::move(message), std::move(hint)); }
  Problems& problems() const { return problems_; }
  const std::string& pointer() const { return pointer_; }

  /// The next word, to find the command.
  std::string_view peek() const { return next_ < words_.size() ? std::string_view(words_[next_]) : std::string_view(); }
  void skip() { ++next_; }

  /// Sorts the rest into arguments and flags. False, and reported, when a flag is not among the known.
  bool parse(const std::vector<Flag>& known) {
    const std::size_t before = problems_.size();
    for (; next_ < words_.size(); ++next_) {
      const std::string& word = words_[next_];
      if (word == "--") {
        after_dashes.assign(words_.begin() + static_cast<std::ptrdiff_t>(next_) + 1, words_.end());
        break;
      }
      if (word.size() < 2 || word[0] != '-')
        arguments.push_back(word);
      else
        parse_flag(word, known);
    }
    return problems_.size() == before;
  }

  bool given(std::string_view flag) const {
    return std::any_of(values_.begin(), values_.end(), [&](const auto& v) { return v.first == flag; });
  }
  bool is_on(std::string_view flag) const { return given(flag) && value(flag) != "false"; }
  /// The last value given; empty when there is none.
  std::string value(std::string_view flag) const {
    std::string out;
    for (const auto& v : values_)
      if (v.first == flag) out = v.second;
    return out;
  }
  std::vector<std::string> all(std::string_view flag) const {
    std::vector<std::string> out;
    for (const auto& v : values_)
      if (v.first == flag) out.push_back(v.second);
    return out;
  }
  std::optional<std::int64_t> integer(std::string_view flag, std::int64_t least) const {
    if (!given(flag)) return std::nullopt;
    const std::string text = value(flag);
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error == std::errc() && end == text.data() + text.size() && n >= least && n <= std::int64_t{4'000'000'000}) return n;
    fail(fmt::format("--{} wants an integer from {} on, got \"{}\"", flag, least, shown(std::string_view(text))));
    return std::nullopt;
  }

  std::vector<std::string> arguments;
  std::vector<std::string> after_dashes;

 private:
  void parse_flag(const std::string& word, const std::vector<Flag>& known) {
    const bool is_long = word[1] == '-';
    const auto equals = word.find('=');
    const std::string_view name = is_long ? std::string_view(word).substr(2, equals == std::string::npos ? equals : equals - 2) : std::string_view(word).substr(1, 1);
    const auto flag = std::find_if(known.begin(), known.end(), [&](const Flag& f) { return is_long ? f.name == name : f.letter != 0 && name[0] == f.letter; });
    if (flag == known.end()) {
      std::vector<std::string_view> names;
      for (const Flag& f : known) names.push_back(f.name);
      fail(fmt::format("the flag \"{}\" is not supported for this command", shown(std::string_view(word))), did_you_mean(name, names));
      return;
    }
    std::optional<std::string> value;
    if (is_long && equals != std::string::npos) value = word.substr(equals + 1);
    if (!is_long && word.size() > 2) value = word.substr(word[2] == '=' ? 3 : 2);
    if (!value && flag->takes == Takes::value) {
      if (next_ + 1 == words_.size()) {
        fail(fmt::format("the flag --{} needs a value", flag->name));
        return;
      }
      value = words_[++next_];
    }
    values_.emplace_back(flag->name, value.value_or(""));
  }

  Problems& problems_;
  std::string pointer_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
  std::vector<std::pair<std::string_view, std::string>> values_;
};

class KubectlReader {
 public:
  KubectlReader(ManifestLoader& manifests, CommandLine& line) : manifests_(manifests), line_(line) {}

  std::vector<Verb> read() {
    const std::string command(line_.peek());
    line_.skip();
    if (command == "apply" || command == "create") return apply(command == "create");
    if (command == "delete") return remove();
    if (command == "cordon" || command == "uncordon") return cordon(command == "cordon");
    if (command == "drain") return drain();
    if (command == "set") return set_image();
    if (command == "rollout") return rollout();
    if (command == "patch") return patch();
    if (command == "taint") return taint();
    if (command == "label") return metadata("labels");
    if (command == "annotate") return metadata("annotations");
    static const std::vector<std::string_view> kCommands = {"apply", "create", "delete", "cordon", "uncordon", "drain", "set", "rollout", "patch", "taint", "label", "annotate"};
    static const std::vector<std::string_view> kLooking = {"get", "describe", "logs", "events", "top", "explain", "wait", "version", "diff"};
    if (command == "scale") {
      line_.fail("\"scale\" is for kinds with a scale subresource; Jobs and DaemonSets have none", "patch spec.parallelism of the Job");
    } else if (std::find(kLooking.begin(), kLooking.end(), command) != kLooking.end()) {
      line_.fail(fmt::format("\"{}\" changes nothing", command), "use an entry of \"expect\", or \"orrery get\"");
    } else {
      std::string hint = did_you_mean(command, kCommands);
      if (hint.empty()) hint = fmt::format("known: {}", fmt::join(kCommands, ", "));
      line_.fail(command.empty() ? "the command is missing" : fmt::format("the command \"{}\" is not supported", shown(std::string_view(command))), std::move(hint));
    }
    return {};
  }

 private:
  struct Named {
    const KindInfo* kind = nullptr;
    std::string name;
  };

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
    for (std::size_t from = 0; from <= words[0].size();) {
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

  std::vector<Verb> apply(bool create) {
    if (create && (line_.peek() == "job" || line_.peek() == "cronjob" || line_.peek() == "cj")) return create_workload();
    if (!line_.parse({kFile, kNamespace, {"recursive", 'R', Takes::nothing}, {"server-side", 0, Takes::nothing}, kForce, kWait,
                      {"force-conflicts", 0, Takes::nothing}, {"save-config", 0, Takes::nothing}, {"validate", 0, Takes::maybe}}))
      return {};
    if (!line_.arguments.empty()) {
      line_.fail(fmt::format("\"{} {}\" is not supported", create ? "create" : "apply", shown(std::string_view(line_.arguments[0]))),
                 create ? "possible: create -f FILE, create job, create cronjob" : "possible: apply -f FILE");
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
        manifests_.load(list.substr(from, comma - from), line_.pointer(), out);
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

  // What kubectl's generators write: staging/src/k8s.io/kubectl/pkg/cmd/create/create_job.go and create_cronjob.go.
  std::vector<Verb> create_workload() {
    const bool cron = line_.peek() != "job";
    line_.skip();
    if (!line_.parse({kNamespace, kImage, {"schedule", 0, Takes::value}, {"restart", 0, Takes::value}})) return {};
    const std::size_t before = line_.problems().size();
    if (line_.arguments.size() != 1) line_.fail("exactly one name is needed");
    if (line_.value("image").empty()) line_.fail("--image is missing");
    if (cron && line_.value("schedule").empty()) line_.fail("--schedule is missing");
    if (!cron && line_.given("schedule")) line_.fail("--schedule is for a cronjob");
    if (line_.problems().size() != before) return {};
    const std::string& name = line_.arguments[0];
    json container = {{"name", name}, {"image", line_.value("image")}};
    if (!line_.after_dashes.empty()) container["command"] = line_.after_dashes;
    std::string restart = line_.value("restart");
    if (restart.empty()) restart = cron ? "OnFailure" : "Never";
    json spec = {{"template", {{"spec", {{"containers", json::array({container})}, {"restartPolicy", restart}}}}}};
    json o = {{"apiVersion", "batch/v1"}, {"kind", cron ? "CronJob" : "Job"}, {"metadata", {{"name", name}}}};
    if (line_.given("namespace")) o["metadata"]["namespace"] = line_.value("namespace");
    o["spec"] = cron ? json{{"schedule", line_.value("schedule")}, {"jobTemplate", {{"metadata", {{"name", name}}}, {"spec", spec}}}} : spec;
    verb::Apply out;
    out.mode = verb::Apply::Mode::create;
    manifests_.add_inline(o, line_.pointer(), out.objects);
    return {std::move(out)};
  }

  std::vector<Verb> remove() {
    if (!line_.parse({kFile, kNamespace, kSelector, kAll, kForce, kGrace, kWait, kTimeout, {"now", 0, Takes::nothing}, {"cascade", 0, Takes::maybe},
                      {"field-selector", 0, Takes::value}, {"ignore-not-found", 0, Takes::nothing}}))
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
    if (line_.is_on("now")) base.grace_period_seconds = 1;
    if (line_.is_on("force") && !base.grace_period_seconds) base.grace_period_seconds = 0;
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
      line_.fail("only \"set image\" is supported");
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

  std::vector<Verb> metadata(const char* field) {
    if (!line_.parse({kNamespace, kOverwrite})) return {};
    json changes = json::object();
    std::vector<std::string> where;
    for (const std::string& a : line_.arguments) {
      const auto equals = a.find('=');
      if (equals != std::string::npos && equals > 0)
        changes[a.substr(0, equals)] = a.substr(equals + 1);
      else if (a.size() > 1 && a.back() == '-' && !where.empty())
        changes[a.substr(0, a.size() - 1)] = nullptr;
      else
        where.push_back(a);
    }
    if (changes.empty()) line_.fail(fmt::format("which {}? Give KEY=VALUE, or KEY- to remove", field));
    std::vector<Verb> out;
    for (const Named& n : named(where)) out.emplace_back(verb::Patch{verb::Patch::Type::merge, object(n), {{"metadata", {{field, changes}}}}});
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
