// Bad input: every file of tests/malformed, and texts too large to keep. Each must come back as problems with a place,
// quickly, and at the place where the mistake is.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <sstream>

#include "orrery/io/scenario.hpp"

using namespace orrery;

namespace {

// Sanitizers slow everything down by an order of magnitude.
#if defined(__SANITIZE_ADDRESS__)
constexpr double kMostSeconds = 15;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr double kMostSeconds = 15;
#else
constexpr double kMostSeconds = 10;  // unoptimised, on a busy machine
#endif
#else
constexpr double kMostSeconds = 10;  // unoptimised, on a busy machine
#endif

struct Outcome {
  Diagnostics problems;
  double seconds = 0;  // of the processor: the machine may be busy with other things
};

template <class Read>
Outcome timed(Read read) {
  const std::clock_t begin = std::clock();
  const Result<Scenario> result = read();
  return {result.problems(), static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC};
}

void check_refused(const Outcome& outcome) {
  CHECK(!outcome.problems.empty());
  CHECK(outcome.problems.size() <= kMaxScenarioProblems + 1);
  CHECK(outcome.seconds < kMostSeconds);
  for (const Diagnostic& d : outcome.problems) {
    CHECK(!d.source.empty());
    CHECK(!d.message.empty());
    CHECK((d.line > 0 || !d.pointer.empty()));
  }
}

bool has_pointer(const Diagnostics& problems, std::string_view pointer) {
  return std::any_of(problems.begin(), problems.end(), [&](const Diagnostic& d) { return d.pointer == pointer && d.line > 0; });
}

std::string all(const Diagnostics& problems) {
  std::string out;
  for (const Diagnostic& d : problems) out += to_string(d) + "\n";
  return out;
}

std::string repeated(std::string_view part, std::size_t n, std::string_view between = {}) {
  std::string out;
  out.reserve(n * (part.size() + between.size()));
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) out += between;
    out += part;
  }
  return out;
}

std::string scenario(std::string_view spec) { return fmt::format(R"({{"apiVersion": "orrery/v1", "kind": "Scenario", "spec": {{{}}}}})", spec); }

Outcome parsed(const std::string& text) {
  return timed([&] { return parse_scenario(text, "big.json", ORRERY_SOURCE_DIR "/tests"); });
}

std::string job(std::size_t i, std::size_t owner) {
  return fmt::format(
      R"({{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"j{}","ownerReferences":[{{"apiVersion":"batch/v1","kind":"Job","name":"j{}","uid":"u"}}]}}}})", i,
      owner);
}

}  // namespace

TEST_CASE("every file of the corpus is refused, at the place of its mistake") {
  const std::string folder = ORRERY_SOURCE_DIR "/tests/malformed/";
  std::ifstream list(folder + "expected.txt");
  REQUIRE(list);
  std::string line;
  std::size_t files = 0;
  while (std::getline(list, line)) {
    if (line.empty() || line[0] == '#') continue;
    const auto blank = line.find(' ');
    const std::string file = line.substr(0, blank);
    std::string pointer = line.substr(blank + 1);
    CAPTURE(file);
    ++files;
    const Outcome outcome = timed([&] { return read_scenario_file(folder + file); });
    CAPTURE(all(outcome.problems));
    check_refused(outcome);
    if (pointer == "*") continue;
    if (pointer == "-") pointer.clear();
    CHECK(has_pointer(outcome.problems, pointer));
  }
  CHECK(files >= 400);
}

TEST_CASE("what is too large is refused quickly") {
  const std::size_t million = 1'000'000;
  struct Case {
    const char* what;
    std::string text;
    const char* message;
  };
  std::vector<Case> cases;
  cases.push_back({"more bytes than the limit", std::string(kMaxScenarioBytes + 1, ' '), "64 MiB"});
  cases.push_back({"brackets a million deep", std::string(million, '['), "nested"});
  cases.push_back({"closed brackets a million deep", scenario(R"("seed": )" + std::string(million, '[') + std::string(million, ']')), "nested"});
  cases.push_back({"objects a million deep", repeated(R"({"a":)", million), "nested"});
  cases.push_back({"YAML flow a million deep", "a: " + std::string(million, '['), "nested"});
  cases.push_back({"YAML block a thousand deep", repeated("- ", 1'000) + "x", "nested"});
  cases.push_back({"more nodes than the limit", scenario(R"("nodes": [)" + repeated(R"({"count": 600000, "metadata": {"name": "n{i}"}})", 2, ",") + "]"), "more nodes than the limit of 1000000"});
  cases.push_back({"more objects than the limit", scenario(R"("objects": [)" + repeated("1", million + 1, ",") + "]"), "more than the limit of 1000000"});
  cases.push_back({"more actions than the limit", scenario(R"("timeline": [)" + repeated("{}", kMaxTimeline + 1, ",") + "]"), "more than the limit of 100000"});
  cases.push_back({"more behaviors than the limit", scenario(R"("behaviors": [)" + repeated("{}", kMaxBehaviors + 1, ",") + "]"), "more than the limit of 10000"});
  cases.push_back({"more attempts than the limit", scenario(R"("behaviors": [{"attempts": [)" + repeated("{}", kMaxAttempts + 1, ",") + "]}]"), "more than the limit of 1000"});
  cases.push_back({"more expectations than the limit", scenario(R"("expect": [)" + repeated("{}", kMaxExpectations + 1, ",") + "]"), "more than the limit of 100000"});
  cases.push_back({"a distribution of too many values", scenario(R"("behaviors": [{"run": {"empirical": [)" + repeated("1", kMaxDistributionValues + 1, ",") + "]}}]"), "more than the limit of 100000"});
  cases.push_back({"a text longer than the limit", scenario(R"("timeline": [{"at": 1, "kubectl": ")" + std::string(kMaxTextLength + 1, 'x') + "\"}]"), "longer than the limit of 65536"});
  cases.push_back({"more words than kubectl takes", scenario(R"("timeline": [{"at": 1, "kubectl": "kubectl cordon)" + repeated(" n", 1'001) + "\"}]"), "more than 1000 words"});
  cases.push_back({"more mistakes than anyone reads", scenario(R"("objects": [)" + repeated("1", million, ",") + "]"), "more problems"});
  cases.push_back({"a number of a million digits", scenario(R"("seed": )" + std::string(million, '9')), "overflow"});
  cases.push_back({"a duration of a million digits", scenario(R"("until": ")" + std::string(million, '9') + "s\""), "100 years"});
  cases.push_back({"a field name of a million letters", scenario("\"" + std::string(million, 'f') + "\": 1"), "unknown field"});
  cases.push_back({"an apiVersion of a million letters", R"({"kind": "Scenario", "apiVersion": ")" + std::string(million, 'v') + "\"}", "orrery/v1"});
  cases.push_back({"a million empty documents of YAML", repeated("---\n", million), "empty"});
  cases.push_back({"a million fields that are not known", "{\"apiVersion\": \"orrery/v1\", \"kind\": \"Scenario\", \"spec\": {" + [&] {
    std::string out;
    for (std::size_t i = 0; i < 200'000; ++i) out += fmt::format("{}\"f{}\": 1", i ? "," : "", i);
    return out;
  }() + "}}", "more problems"});
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const Outcome outcome = parsed(c.text);
    const std::string text = all(outcome.problems);
    CAPTURE(text);
    CAPTURE(outcome.seconds);
    check_refused(outcome);
    CHECK(text.find(c.message) != std::string::npos);
  }
}

TEST_CASE("aliases that expand without end are refused quickly") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 40; ++i) bomb += fmt::format("a{}: &a{} [*a{}, *a{}, *a{}, *a{}]\n", i, i, i - 1, i - 1, i - 1, i - 1);
  const Outcome outcome = timed([&] { return parse_scenario(bomb, "bomb.yaml", ""); });
  check_refused(outcome);
}

TEST_CASE("owner references that form a long cycle are found without recursion") {
  const std::size_t n = 30'000;
  std::string objects;
  for (std::size_t i = 0; i < n; ++i) objects += fmt::format("{}{}", i ? "," : "", job(i, (i + 1) % n));
  const Outcome cycle = parsed(scenario(fmt::format(R"("objects": [{}])", objects)));
  check_refused(cycle);
  REQUIRE(cycle.problems.size() == 1);
  CHECK(cycle.problems[0].message.find("owner references form a cycle: Job/default/j0 → Job/default/j1 → ") == 0);
  CHECK(cycle.problems[0].message.find("… 29990 more → Job/default/j0") != std::string::npos);

  std::string chain;
  for (std::size_t i = 0; i < n; ++i) chain += fmt::format("{}{}", i ? "," : "", job(i, i + 1));
  CHECK(parsed(scenario(fmt::format(R"("objects": [{}])", chain))).problems.empty());
}

TEST_CASE("a manifest named a thousand times is read once, and counted each time") {
  const std::string text = scenario(R"("timeline": [)" + repeated(R"({"at": 1, "apply": "manifests/broken.yaml"})", 1'000, ",") + "]");
  const Outcome outcome = parsed(text);
  check_refused(outcome);
  CHECK(outcome.problems.size() == 2);  // those of the file, once
}

TEST_CASE("no prefix of a scenario is a scenario") {
  std::ifstream in(ORRERY_SOURCE_DIR "/tests/conformance/scenarios/drain-two-at-once.json");
  std::stringstream buffer;
  buffer << in.rdbuf();
  const std::string text = buffer.str();
  REQUIRE(text.size() > 2'000);
  REQUIRE(parse_scenario(text, "x", ""));
  for (std::size_t n = 0; n + 1 < text.size(); ++n) {
    const std::string_view prefix = std::string_view(text).substr(0, n);
    if (prefix.find_last_not_of(" \n") == std::string_view::npos || text.substr(n).find_first_not_of(" \n") != std::string::npos)
      CHECK_MESSAGE(!parse_scenario(prefix, "x", ""), n);
  }
}

TEST_CASE("a changed byte is read or refused, never worse") {
  std::ifstream in(ORRERY_SOURCE_DIR "/tests/conformance/scenarios/job-elastic-down.json");
  std::stringstream buffer;
  buffer << in.rdbuf();
  const std::string text = buffer.str();
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (char c : {'\0', '"', '{', '}', '[', '9', '-', 'e', '\\', '\x80', '\xff'}) {
      std::string changed = text;
      changed[i] = c;
      const auto result = parse_scenario(changed, "x", "");
      CHECK((result || !result.problems().empty()));
    }
  }
}
