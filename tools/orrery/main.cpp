// The command line: parsing only. What each command does is in its own file.
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli.hpp"
#include "input_options.hpp"
#include "orrery/version.hpp"
#include "query_commands.hpp"

namespace {

using namespace orrery::cli;

int parse_and_run(int argc, char** argv) {
  CLI::App app{"Orrery: what Jobs and their pods will do, in virtual time", "orrery"};
  app.set_version_flag("--version", std::string(orrery::kVersion));
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  int code = kFine;

  RunCommand run_options;
  CLI::App* run_app = app.add_subcommand("run", "Run a scenario, or plain manifests, and print what kubectl get would show at the end");
  add_input(*run_app, run_options.input);
  run_app->add_option("--watch", run_options.watch, "Write one JSON line per committed change to this file (- for standard output)");
  run_app->add_option("-o,--output", run_options.output, "table, wide, name, json or yaml")->check(CLI::IsMember({"table", "wide", "name", "json", "yaml"}));
  run_app->add_flag("-q,--quiet", run_options.quiet, "Print the summary only");
  run_app->callback([&] { code = run(run_options); });

  add_query_commands(app, code);

  ValidateCommand validate_options;
  CLI::App* validate_app = app.add_subcommand("validate", "Check a scenario or manifests, with every problem and its place");
  add_input(*validate_app, validate_options.input);
  validate_app->callback([&] { code = validate(validate_options); });

  TestCommand test_options;
  CLI::App* test_app = app.add_subcommand("test", "Run scenarios and check what they expect");
  test_app->add_option("PATH", test_options.paths, "Scenarios, or folders of them")->required();
  test_app->add_option("--junit", test_options.junit, "Write the results as JUnit XML to this file");
  test_app->callback([&] { code = test(test_options); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int parsed = app.exit(e);
    return parsed == 0 ? kFine : kBadInput;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "orrery: internal error: {}\n", e.what());
    return orrery::cli::kInternalError;
  }
}
