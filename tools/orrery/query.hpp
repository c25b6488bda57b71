#pragma once
// What the commands that look at a cluster have in common: their words, the instant, and which objects they mean.
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli.hpp"
#include "orrery/api/selector.hpp"
#include "orrery/kubectl/field_selector.hpp"
#include "orrery/kubectl/get.hpp"

namespace orrery::cli {

struct QueryOptions {
  InputOptions input;
  std::string at;  ///< instant since the start; empty = the end
  std::string ns;
  bool all_namespaces = false;
  std::string selector, field_selector;
};

/// One kind of which all, or those of some names, are meant.
struct Target {
  const KindInfo* kind = nullptr;
  std::vector<std::string> names;
};
/// `KIND[,KIND] [NAME…] FILE…` or `KIND/NAME… FILE…`.
struct Targets {
  std::vector<Target> list;
  bool several = false;  ///< kubectl then prints names with their kind
};

/// Takes the files off the words into the options. Words are told apart by which of them are files; the last always is
/// one. nullopt when something is wrong, which has been printed.
std::optional<Targets> split_words(const std::vector<std::string>& words, QueryOptions& options);

/// A duration of 0 or more; prints the problem.
std::optional<Duration> instant(const std::string& text, const std::string& option);

void print_usage_problem(std::string source, std::string message, std::string hint = {});

class Query {
 public:
  /// Reads the scenario. nullopt, and printed, when the options or the scenario are wrong. `events`: with the Events of
  /// kubelets and scheduler.
  static std::optional<Query> open(const QueryOptions& options, bool events);

  /// To the instant of the options.
  void run();
  Simulation& sim() { return *sim_; }
  /// The instant of the options; absent = the end.
  std::optional<Duration> at() const { return at_; }
  std::string ns() const { return options_.ns.empty() ? "default" : options_.ns; }
  bool all_namespaces() const { return options_.all_namespaces; }
  std::int64_t now_ns() { return sim_->cluster().now().time_since_epoch().count(); }

  /// False, and printed, when the kind has no such field.
  bool select(const KindInfo& kind);
  /// Whether the object is of the kind, the namespace and the selection given to select(); its JSON if so.
  std::optional<nlohmann::json> match(const KindInfo& kind, const Object& object);
  /// All that match, by namespace and name.
  std::vector<nlohmann::json> list(const KindInfo& kind);
  /// All of a kind, whatever the options say.
  std::vector<nlohmann::json> everything(std::string_view kind);
  /// Those of a target: of the names in their order, else all. Names that are missing go to `missing`.
  std::vector<nlohmann::json> find(const Target& target, std::vector<std::string>& missing);
  /// `Error from server (NotFound): …` on standard error.
  void print_missing(const KindInfo& kind, const std::string& name);
  /// `No resources found …` on standard error.
  void print_nothing(bool namespaced);

 private:
  QueryOptions options_;
  std::optional<Duration> at_;
  Selector labels_;
  FieldSelector fields_;
  std::unique_ptr<Simulation> sim_;
};

}  // namespace orrery::cli
