// The command line: parsing only. What each command does is in its own file.
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli.hpp"
#include "orrery/version.hpp"

namespace {

using namespace orrery::cli;

void add_input(CLI::App& app, InputOptions& in, bool positional = true) {
  if (positional) app.add_option("FILE", in.files, "A scenario, or manifests (JSON, YAML, List) with --nodes or --nodes-from")->required();
  app.add_option("--nodes", in.nodes, "With manifests: this many nodes of 8 CPUs and 32Gi")->check(CLI::Range(std::int64_t{1}, orrery::kMaxNodes));
  app.add_option("--nodes-from", in.nodes_from, "With manifests: a manifest of Node objects");
  app.add_option("--seed", in.seed, "Seed of every random stream, instead of the file's");
  app.add_option("--until", in.until, "Horizon, for example 10m, instead of the file's");
  app.add_option("--set", in.set, "PATH=VALUE: change one field of the scenario, for example controlPlane.apiLatency=20ms")->allow_extra_args(false);
}

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

  GetCommand get_options;
  CLI::App* get_app = app.add_subcommand("get", "The cluster as kubectl get would have printed it at an instant");
  std::vector<std::string> words;
  get_app->add_option("ARGS", words, "KIND [NAME] FILE…: what to print, and the scenario or manifests")->required()->expected(2, 64);
  add_input(*get_app, get_options.input, false);
  get_app->add_option("--at", get_options.at, "Instant since the start, for example 2m26s; the end if not given");
  get_app->add_option("-n,--namespace", get_options.ns, "Namespace (default: default)");
  get_app->add_flag("-A,--all-namespaces", get_options.all_namespaces, "All namespaces");
  get_app->add_option("-l,--selector", get_options.selector, "Label selector");
  get_app->add_option("-o,--output", get_options.output, "table, wide, name, json or yaml")->check(CLI::IsMember({"table", "wide", "name", "json", "yaml"}));
  get_app->add_option("--sort-by", get_options.sort_by, "JSONPath of the field to sort by, for example .metadata.creationTimestamp");
  get_app->add_flag("--show-labels", get_options.show_labels, "A column with the labels");
  get_app->add_flag("--no-headers", get_options.no_headers, "No header line");
  get_app->callback([&] { code = get(get_options, words); });

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
