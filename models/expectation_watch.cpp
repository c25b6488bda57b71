#include "expectation_watch.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/quantity.hpp"
#include "orrery/api/selector.hpp"
#include "orrery/cluster/object_branch.hpp"

namespace orrery {

using Json = nlohmann::json;
using When = Expectation::When;
using Test = Expectation::Test;

namespace {
enum : std::uint16_t { kOpen = 1, kClose = 2, kLook = 3 };
}

struct ExpectationWatch::State {
  const Expectation* e = nullptr;
  Kind kind = Kind::other;
  std::optional<Selector> selector;
  std::optional<std::regex> pattern;
  Json::json_pointer path;
  std::vector<std::string> tokens;  ///< of the path
  bool open = false;      ///< its span of time has begun and not ended
  bool decided = false;   ///< nothing that happens later can change the verdict
  bool met = false;
  bool look_pending = false;
  std::string found;
};

ExpectationWatch::ExpectationWatch(Simulation& simulation) : sim_(simulation), self_(simulation.cluster().kernel().add(*this)) {
  for (const Expectation& e : sim_.scenario().expect) {
    State s;
    s.e = &e;
    s.kind = kind_from_name(e.kind);
    s.selector = parse_selector(e.selector);
    if (e.test == Test::matches && e.value.is_string()) s.pattern.emplace(e.value.get<std::string>(), std::regex::ECMAScript);
    s.path = Json::json_pointer(e.path);
    for (Json::json_pointer rest = s.path; !rest.empty(); rest.pop_back()) s.tokens.insert(s.tokens.begin(), rest.back());
    states_.push_back(std::move(s));
  }
}
ExpectationWatch::~ExpectationWatch() = default;

void ExpectationWatch::begin() {
  if (begun_) return;
  begun_ = true;
  Kernel& kernel = sim_.cluster().kernel();
  const Time start = sim_.scenario().start;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const Expectation& e = *states_[i].e;
    if (e.when == When::end) continue;
    const Duration from = e.when == When::instant ? e.at : Duration{};
    if (start + from < kernel.now()) continue;
    kernel.at(start + from, Phase::sample, self_, kOpen, i);
    if (e.within) kernel.at(add_checked(start + from, *e.within), Phase::sample, self_, kClose, i);
  }
}

void ExpectationWatch::on_event(const Event& event) {
  State& s = states_[event.a];
  switch (event.kind) {
    case kOpen:
      s.open = true;
      look(s);
      if (s.e->when == When::instant && !s.e->within) s.open = false;
      break;
    case kLook:
      s.look_pending = false;
      if (s.open) look(s);
      break;
    case kClose:
      if (s.open) look(s);
      s.open = false;
      break;
    default: break;
  }
}

void ExpectationWatch::changed(const Change& change) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    State& s = states_[i];
    if (!s.open || s.decided || s.look_pending || s.kind != change.kind) continue;
    // Looked at when the instant is over: what lasts for no time was never there.
    s.look_pending = true;
    sim_.cluster().kernel().at_once(Phase::sample, self_, kLook, i);
  }
}

void ExpectationWatch::look(State& s) {
  if (s.decided) return;
  std::string found;
  const bool now = holds(s, found);
  const When w = s.e->when;
  if (w == When::always || w == When::never) {
    s.met = (w == When::always) == now;
    s.decided = !s.met;
  } else {
    s.met = now;
    s.decided = s.met;
  }
  if (!s.met) s.found = fmt::format("{} at {}", found, format_go_duration(sim_.elapsed()));
}

namespace {
std::optional<double> number(const Json& v) {
  if (v.is_number()) return v.get<double>();
  if (!v.is_string()) return {};
  const std::string s = v.get<std::string>();
  if (auto q = parse_quantity(std::string_view(s))) return static_cast<double>(q->milli_value()) / 1000.0;
  if (auto d = parse_duration(s)) return static_cast<double>(d->count()) / 1e9;
  return {};
}
}  // namespace

bool ExpectationWatch::value_meets(const State& s, const Object& object, std::string& found) const {
  const Expectation& e = *s.e;
  if (e.path.empty() && e.test == Test::exists) {
    found = "it exists";
    return true;
  }
  const Json branch = branch_to_json(object, sim_.cluster().names(), s.tokens);
  const Json nothing;
  const Json& value = branch.contains(s.path) ? branch[s.path] : nothing;
  found = e.path.empty() ? "it exists" : value.is_null() ? "nothing there" : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  switch (e.test) {
    case Test::exists: return !value.is_null();
    case Test::equals: return value == e.value;
    case Test::at_least:
    case Test::at_most: {
      const auto a = number(value), b = number(e.value);
      return a && b && (e.test == Test::at_least ? *a >= *b : *a <= *b);
    }
    case Test::matches: return value.is_string() && s.pattern && std::regex_search(value.get<std::string>(), *s.pattern);
  }
  return false;
}

bool ExpectationWatch::holds(const State& s, std::string& found) const {
  const Expectation& e = *s.e;
  Cluster& cluster = sim_.cluster();
  const Store& store = cluster.store();
  const Symbol ns = e.ns.empty() ? Symbol{0} : cluster.symbol(e.ns);
  if (!e.name.empty()) {
    const Object* o = store.live(s.kind, ns, e.name);
    if (o == nullptr) {
      found = "no such object";
      return e.test == Test::equals && e.value.is_null();
    }
    return value_meets(s, *o, found);
  }
  std::int64_t selected = 0, meeting = 0;
  static const std::vector<std::pair<std::string, std::string>> kNoLabels;
  for (const auto& o : store.list(s.kind)) {
    if (is_namespaced(s.kind) && ns != 0 && o->ns() != ns) continue;
    if (s.selector && !s.selector->matches(o->meta.labels() ? o->meta.labels()->items : kNoLabels)) continue;
    ++selected;
    std::string one;
    if (value_meets(s, *o, one)) ++meeting;
    else found = fmt::format("{}: {}", o->name(), one);
  }
  if (e.count) {
    found = fmt::format("{} of {} objects", meeting, selected);
    return meeting >= e.count->least && meeting <= e.count->most;
  }
  if (selected == 0) found = "no such object";
  return selected > 0 && meeting == selected;
}

std::string ExpectationWatch::asked(const Expectation& e) const {
  std::string out = e.kind + (e.ns.empty() ? "" : "/" + e.ns) + (e.name.empty() ? (e.selector.empty() ? "" : " -l " + e.selector) : "/" + e.name);
  if (!e.path.empty()) out += " " + e.path;
  const std::string v = e.value.dump(-1, ' ', false, Json::error_handler_t::replace);
  switch (e.test) {
    case Test::exists: out += " exists"; break;
    case Test::equals: out += " equals " + v; break;
    case Test::at_least: out += " is at least " + v; break;
    case Test::at_most: out += " is at most " + v; break;
    case Test::matches: out += " matches " + v; break;
  }
  if (e.count) out += e.count->least == e.count->most ? fmt::format(" for {} objects", e.count->least) : fmt::format(" for {} or more objects", e.count->least);
  switch (e.when) {
    case When::instant: out += " at " + format_go_duration(e.at); break;
    case When::end: out += " at the end"; break;
    case When::always: out += " always"; break;
    case When::never: out += " never"; break;
    case When::eventually: out += " eventually"; break;
  }
  if (e.within) out += " within " + format_go_duration(*e.within);
  return out;
}

std::vector<ExpectationResult> ExpectationWatch::finish() {
  std::vector<ExpectationResult> out;
  for (State& s : states_) {
    if (s.e->when == When::end) look(s);
    if (s.e->when == When::instant && !s.met && s.found.empty()) s.found = "the run ended before";
    ExpectationResult r{s.met, {}, s.e->from};
    if (!s.met) r.message = fmt::format("expected: {}; found: {}", asked(*s.e), s.found.empty() ? "no chance to look" : s.found);
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace orrery
