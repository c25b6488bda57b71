// The options of get, describe, events, rollout and explain.
#include "query_commands.hpp"

#include <memory>

#include "input_options.hpp"

namespace orrery::cli {

void add_input(CLI::App& app, InputOptions& in, bool positional) {
  if (positional) app.add_option("FILE", in.files, "A scenario, or manifests (JSON, YAML, List) with --nodes or --nodes-from")->required();
  app.add_option("--nodes", in.nodes, "With manifests: this many nodes of 8 CPUs and 32Gi")->check(CLI::Range(std::int64_t{1}, orrery::kMaxNodes));
  app.add_option("--nodes-from", in.nodes_from, "With manifests: a manifest of Node objects");
  app.add_option("--seed", in.seed, "Seed of every random stream, instead of the file's");
  app.add_option("--until", in.until, "Horizon, for example 10m, instead of the file's");
  app.add_option("--set", in.set, "PATH=VALUE: change one field of the scenario, for example controlPlane.apiLatency=20ms")->allow_extra_args(false);
}

namespace {

/// The options live as long as the callback that reads them.
template <class Command>
struct Options {
  Command command;
  std::vector<std::string> words;
};
template <class Command>
std::shared_ptr<Options<Command>> options_of(CLI::App& app, const char* words_help) {
  auto out = std::make_shared<Options<Command>>();
  QueryOptions& q = out->command.query;
  if (words_help != nullptr) app.add_option("ARGS", out->words, words_help)->required()->expected(2, 64);
  add_input(app, q.input, words_help == nullptr);
  app.add_option("--at", q.at, "Instant since the start, for example 2m26s; the end if not given");
  app.add_option("-n,--namespace", q.ns, "Namespace (default: default)");
  return out;
}

void add_selection(CLI::App& app, QueryOptions& q) {
  app.add_flag("-A,--all-namespaces", q.all_namespaces, "All namespaces");
  app.add_option("-l,--selector", q.selector, "Label selector");
  app.add_option("--field-selector", q.field_selector, "Field selector, for example status.phase=Running");
}

void add_output(CLI::App& app, std::string& output) {
  app.add_option("-o,--output", output, "table, wide, name, json or yaml")->check(CLI::IsMember({"table", "wide", "name", "json", "yaml"}));
}

constexpr const char* kSeveral = "KIND[,KIND] [NAME…] FILE… or KIND/NAME… FILE…: what to print, and the scenario or manifests";
constexpr const char* kOne = "KIND/NAME FILE… or KIND NAME FILE…: the object, and the scenario or manifests";

void add_get(CLI::App& parent, int& code) {
  CLI::App* app = parent.add_subcommand("get", "The cluster as kubectl get would have printed it at an instant");
  auto o = options_of<GetCommand>(*app, kSeveral);
  GetCommand& c = o->command;
  add_selection(*app, c.query);
  add_output(*app, c.output);
  app->add_option("-L,--label-columns", c.label_columns, "A column for each of these labels")->delimiter(',')->allow_extra_args(false);
  app->add_option("--sort-by", c.sort_by, "JSONPath of the field to sort by, for example .metadata.creationTimestamp");
  app->add_flag("--show-labels", c.show_labels, "A column with the labels");
  app->add_flag("--no-headers", c.no_headers, "No header line");
  app->add_flag("-w,--watch", c.watch, "What is there at the instant (default: the start), then every change until the end");
  app->add_flag("--output-watch-events", c.watch_events, "As --watch, with a column that tells what happened");
  app->callback([o, &code] { code = get(o->command, o->words); });
}

void add_describe(CLI::App& parent, int& code) {
  CLI::App* app = parent.add_subcommand("describe", "Objects as kubectl describe would have printed them at an instant");
  auto o = options_of<DescribeCommand>(*app, kSeveral);
  add_selection(*app, o->command.query);
  app->add_option("--show-events", o->command.show_events, "With the events of the object (default: true)");
  app->callback([o, &code] { code = describe(o->command, o->words); });
}

void add_events(CLI::App& parent, int& code) {
  CLI::App* app = parent.add_subcommand("events", "The events up to an instant by time, as kubectl events would have printed them");
  auto o = options_of<EventsCommand>(*app, nullptr);
  EventsCommand& c = o->command;
  app->add_flag("-A,--all-namespaces", c.query.all_namespaces, "All namespaces");
  app->add_option("--for", c.about, "KIND/NAME: only the events of this object");
  app->add_option("--types", c.types, "Normal, Warning: only the events of these types")->delimiter(',')->allow_extra_args(false);
  app->add_flag("--no-headers", c.no_headers, "No header line");
  app->add_flag("-w,--watch", c.watch, "What is there at the instant (default: the start), then each event until the end");
  add_output(*app, c.output);
  app->callback([o, &code] { code = events(o->command); });
}

void add_rollout(CLI::App& parent, int& code) {
  CLI::App* app = parent.add_subcommand("rollout", "How the rollout of a DaemonSet stands, and its revisions");
  app->require_subcommand(1);
  CLI::App* status = app->add_subcommand("status", "With --at: kubectl rollout status at that instant; without: what it says during every rollout of the run");
  auto s = options_of<RolloutCommand>(*status, kOne);
  status->add_flag("-w,--watch", s->command.watch, "From the instant (default: the start) on until the rollout is done");
  status->add_option("--timeout", s->command.timeout, "As --watch, but not longer than this");
  status->callback([s, &code] { code = rollout_status(s->command, s->words); });
  CLI::App* history = app->add_subcommand("history", "The revisions of a DaemonSet");
  auto h = options_of<RolloutCommand>(*history, kOne);
  history->add_option("--revision", h->command.revision, "The pod template of this revision")->check(CLI::NonNegativeNumber);
  history->callback([h, &code] { code = rollout_history(h->command, h->words); });
}

void add_explain(CLI::App& parent, int& code) {
  CLI::App* app = parent.add_subcommand("explain", "Why an object came to be as it is: who wrote it, when, and because of what");
  auto o = options_of<ExplainCommand>(*app, kOne);
  app->callback([o, &code] { code = explain(o->command, o->words); });
}

}  // namespace

void add_query_commands(CLI::App& app, int& code) {
  add_get(app, code);
  add_describe(app, code);
  add_events(app, code);
  add_rollout(app, code);
  add_explain(app, code);
}

}  // namespace orrery::cli
