// `spec.expect`: assertions about the run.
#include <fmt/format.h>

#include <algorithm>

// g++ 12 with sanitizers takes a member of a union inside <regex> for uninitialized.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <regex>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "kinds.hpp"
#include "sections.hpp"

namespace orrery::scenario_reading {
namespace {

void read_when(Fields& f, Expectation& e) {
  const json* at = f.take("at");
  if (at && at->is_string()) {
    static const std::vector<std::string_view> kWords = {"end", "always", "never", "eventually"};
    const auto& text = at->get_ref<const std::string&>();
    const auto word = std::find(kWords.begin(), kWords.end(), text);
    if (word != kWords.end()) {
      e.when = static_cast<Expectation::When>(1 + (word - kWords.begin()));
    } else {
      e.when = Expectation::When::instant;
      const std::string hint = did_you_mean(text, kWords);
      if (hint.empty() || parse_duration(text))
        e.at = read_duration(f.problems(), *at, f.at("at")).value_or(Duration{});
      else
        f.problems().add(f.at("at"), fmt::format("\"{}\" is neither a duration nor one of end, always, never, eventually", shown(std::string_view(text))), hint);
    }
  } else if (at) {
    e.when = Expectation::When::instant;
    e.at = read_duration(f.problems(), *at, f.at("at")).value_or(Duration{});
  }
  e.within = f.duration("within");
  if (e.within && e.when == Expectation::When::end)
    f.problems().add(f.at("within"), "\"within\" means nothing at the end", "use it with \"at\": an instant, \"eventually\", \"always\" or \"never\"");
}

/// "Kind", "Kind/name" or "Kind/namespace/name".
void read_object(Fields& f, Expectation& e) {
  if (f.is_object() && !f.has("object")) f.missing("object", "for example \"DaemonSet/fluentd\"");
  const auto text = f.text("object");
  const auto ns = f.name("namespace");
  if (!text) return;
  std::vector<std::string> parts(1);
  for (char c : *text) {
    if (c == '/')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  const std::string where = f.at("object");
  const KindInfo* kind = find_kind(parts[0]);
  if (!kind) {
    std::string hint = did_you_mean(parts[0], known_kinds());
    if (const KindInfo* meant = find_kubectl_kind(parts[0]); hint.empty() && meant) hint = fmt::format("did you mean \"{}\"?", meant->kind);
    f.problems().add(where, fmt::format("unknown kind \"{}\"", shown(std::string_view(parts[0]))), std::move(hint));
    return;
  }
  if (parts.size() > 3 || std::any_of(parts.begin(), parts.end(), [](const std::string& p) { return p.empty() || p.size() > kMaxNameLength; })) {
    f.problems().add(where, fmt::format("\"{}\" is not of the form Kind, Kind/name or Kind/namespace/name", shown(std::string_view(*text))));
    return;
  }
  if (parts.size() == 3 && !kind->namespaced) f.problems().add(where, fmt::format("a {} is in no namespace", kind->kind), fmt::format("write {}/{}", kind->kind, shown(std::string_view(parts[2]))));
  if (parts.size() == 3 && ns) f.problems().add(f.at("namespace"), "the namespace is given twice");
  if (ns && !kind->namespaced) f.problems().add(f.at("namespace"), fmt::format("a {} is in no namespace", kind->kind));
  e.kind = std::string(kind->kind);
  e.ns = namespace_of(*kind, parts.size() == 3 ? parts[1] : ns.value_or(""));
  if (parts.size() > 1) e.name = parts.back();
}

void read_count(Fields& f, Expectation& e) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const json* value = f.take("count");
  if (!value) return;
  Expectation::Count count;
  if (value->is_object()) {
    Fields range(f.problems(), *value, f.at("count"));
    count.least = range.integer("atLeast", 0, kMost).value_or(0);
    count.most = range.integer("atMost", 0, kMost).value_or(kMost);
    if (value->empty()) f.problems().add(f.at("count"), "expected \"atLeast\", \"atMost\" or both");
    if (count.most < count.least) f.problems().add(f.at("count"), "\"atMost\" is less than \"atLeast\"");
    range.finish();
  } else {
    const auto n = read_integer(f.problems(), *value, f.at("count"), 0, kMost);
    count.least = count.most = n.value_or(0);
  }
  e.count = count;
}

void check_pattern(Fields& f, const json& value) {
  const auto text = read_text(f.problems(), value, f.at("matches"));
  if (!text) return;
  // The compiler of regular expressions recurses: the limit of the length is one of its depth, too.
  if (text->size() > kMaxPatternLength) {
    f.problems().add(f.at("matches"), fmt::format("a pattern of {} bytes is longer than the limit of {}", text->size(), kMaxPatternLength));
    return;
  }
  try {
    const std::regex compiled(*text, std::regex::ECMAScript);
  } catch (const std::regex_error&) {
    f.problems().add(f.at("matches"), fmt::format("\"{}\" is not a regular expression", shown(std::string_view(*text))));
  }
}

void read_test(Fields& f, Expectation& e) {
  static constexpr std::string_view kTests[] = {"equals", "atLeast", "atMost", "matches"};
  std::size_t given = 0;
  for (std::size_t i = 0; i < std::size(kTests); ++i) {
    const json* value = f.take(kTests[i]);
    if (!value) continue;
    ++given;
    e.test = static_cast<Expectation::Test>(1 + i);
    e.value = *value;
    if (e.test == Expectation::Test::matches) check_pattern(f, *value);
    const bool ordered = e.test == Expectation::Test::at_least || e.test == Expectation::Test::at_most;
    if (ordered && !value->is_number() && !value->is_string())
      f.problems().add(f.at(kTests[i]), fmt::format("expected a number or a string such as \"500m\" or \"30s\", got {}", type_name(*value)));
  }
  if (given > 1) f.problems().add(f.pointer(), "only one of \"equals\", \"atLeast\", \"atMost\" and \"matches\" can be asked for", "make two entries of it");
}

void read_path(Fields& f, Expectation& e) {
  const auto path = f.text("path");
  if (!path) return;
  bool good = path->empty() || path->front() == '/';
  for (std::size_t i = 0; i < path->size(); ++i)
    if ((*path)[i] == '~' && (i + 1 == path->size() || ((*path)[i + 1] != '0' && (*path)[i + 1] != '1'))) good = false;
  if (!good) f.problems().add(f.at("path"), fmt::format("\"{}\" is not a JSON pointer", shown(std::string_view(*path))), "write it like /status/succeeded");
  e.path = *path;
}

Expectation read_expectation(Problems& problems, const json& value, const std::string& pointer) {
  Fields f(problems, value, pointer);
  Expectation e;
  e.from.pointer = pointer;
  read_when(f, e);
  read_object(f, e);
  e.selector = f.selector("selector").value_or("");
  read_count(f, e);
  read_path(f, e);
  read_test(f, e);
  if (!e.name.empty() && f.has("selector")) problems.add(f.at("selector"), "an object given by name needs no selector");
  if (!e.name.empty() && f.has("count")) problems.add(f.at("count"), "\"count\" is for a kind with a selector, not for one object");
  if (f.is_object() && e.test != Expectation::Test::exists && e.path.empty() && !f.has("path"))
    problems.add(pointer, "the field \"path\" is required to compare a value", "for example /status/succeeded");
  f.finish();
  return e;
}

}  // namespace

std::vector<Expectation> read_expectations(Problems& problems, const json& list, const std::string& pointer) {
  std::vector<Expectation> out;
  for (std::size_t i = 0; i < list.size() && !problems.full(); ++i) out.push_back(read_expectation(problems, list[i], child(pointer, i)));
  return out;
}

}  // namespace orrery::scenario_reading
