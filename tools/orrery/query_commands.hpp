#pragma once
// The commands that answer questions about a cluster in kubectl's words.
#include <string>
#include <vector>

#include "query.hpp"

namespace CLI {
class App;
}

namespace orrery::cli {

/// Adds get, describe, events, rollout and explain; `code` is set by the one that runs.
void add_query_commands(CLI::App& app, int& code);

struct GetCommand {
  QueryOptions query;
  std::string output = "table";
  std::string sort_by;
  std::vector<std::string> label_columns;
  bool show_labels = false, no_headers = false, watch = false, watch_events = false;
};
int get(GetCommand& command, const std::vector<std::string>& words);

struct DescribeCommand {
  QueryOptions query;
  bool show_events = true;
};
int describe(DescribeCommand& command, const std::vector<std::string>& words);

struct EventsCommand {
  QueryOptions query;
  std::string about;  ///< --for: KIND/NAME
  std::vector<std::string> types;
  std::string output = "table";
  bool no_headers = false, watch = false;
};
int events(EventsCommand& command);

struct RolloutCommand {
  QueryOptions query;
  bool watch = false;         ///< from the instant on, until done
  std::string timeout;        ///< of the watch; empty = the end of the run
  std::int64_t revision = 0;  ///< history: 0 = all
};
int rollout_status(RolloutCommand& command, const std::vector<std::string>& words);
int rollout_history(RolloutCommand& command, const std::vector<std::string>& words);

struct ExplainCommand {
  QueryOptions query;
};
int explain(ExplainCommand& command, const std::vector<std::string>& words);

}  // namespace orrery::cli
