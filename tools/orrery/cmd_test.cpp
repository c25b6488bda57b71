// orrery test: runs scenarios and reports what they expect, for people and as JUnit XML.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "cli.hpp"

namespace orrery::cli {

namespace {
struct Case {
  std::string path;
  std::vector<std::string> failures;
};

std::string xml(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

bool write_junit(const std::string& path, const std::vector<Case>& cases) {
  std::size_t failed = 0;
  std::string body;
  for (const Case& c : cases) {
    body += fmt::format("  <testcase classname=\"orrery\" name=\"{}\">", xml(c.path));
    for (const std::string& f : c.failures) body += fmt::format("<failure message=\"{}\"/>", xml(f));
    body += "</testcase>\n";
    failed += c.failures.empty() ? 0U : 1U;
  }
  std::FILE* f = std::fopen(path.c_str(), "wb");
  if (f == nullptr) return false;
  fmt::print(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"orrery\" tests=\"{}\" failures=\"{}\">\n{}</testsuite>\n", cases.size(), failed, body);
  return std::fclose(f) == 0;
}
}  // namespace

int test(const TestCommand& command) {
  std::vector<std::string> files;
  for (const std::string& p : command.paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(p, error)) {
      files.push_back(p);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(p, error)) {
      const std::string ext = entry.path().extension().string();
      if (entry.is_regular_file() && (ext == ".json" || ext == ".yaml" || ext == ".yml")) files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    print_problems({Diagnostic{command.paths.front(), {}, 0, 0, "no scenario there", {}}});
    return kBadInput;
  }
  std::vector<Case> cases;
  bool bad_input = false;
  std::size_t failed = 0;
  for (const std::string& file : files) {
    InputOptions in;
    in.files = {file};
    std::optional<Scenario> scenario = load(in);
    Case c{file, {}};
    if (!scenario) {
      bad_input = true;
      c.failures.emplace_back("not a valid scenario");
    } else {
      Simulation sim(std::move(*scenario));
      const RunReport report = sim.run();
      if (report.status == RunStatus::livelock) c.failures.push_back("livelock: " + report.message);
      for (const ExpectationResult& e : report.expectations)
        if (!e.met) c.failures.push_back(e.message);
    }
    fmt::print("{}  {}\n", c.failures.empty() ? "ok    " : "FAILED", file);
    for (const std::string& f : c.failures) fmt::print("        {}\n", f);
    failed += c.failures.empty() ? 0U : 1U;
    cases.push_back(std::move(c));
  }
  fmt::print("{} passed, {} failed\n", cases.size() - failed, failed);
  if (!command.junit.empty() && !write_junit(command.junit, cases)) {
    print_problems({Diagnostic{command.junit, {}, 0, 0, "cannot be written", {}}});
    return kBadInput;
  }
  return bad_input ? kBadInput : failed > 0 ? kExpectationFailed : kFine;
}

}  // namespace orrery::cli
