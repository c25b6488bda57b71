#pragma once
// The commands of the program. Each returns the exit code: 0 fine, 1 an expectation failed, 2 bad input, 3 internal error.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orrery/io/scenario.hpp"
#include "orrery/models/simulation.hpp"

namespace orrery::cli {

enum ExitCode { kFine = 0, kExpectationFailed = 1, kBadInput = 2, kInternalError = 3 };

/// What to simulate: the same options for every command that runs something.
struct InputOptions {
  std::vector<std::string> files;
  std::int64_t nodes = 0;
  std::string nodes_from;
  std::optional<std::uint64_t> seed;
  std::string until;
  std::vector<std::string> set;
};
/// Reads them, or prints every problem on standard error.
std::optional<Scenario> load(const InputOptions& options);

struct RunCommand {
  InputOptions input;
  std::string watch;           ///< file of the trace; empty = none
  std::string output = "table";
  bool quiet = false;
};
int run(const RunCommand& command);

struct ValidateCommand {
  InputOptions input;
};
int validate(const ValidateCommand& command);

struct TestCommand {
  std::vector<std::string> paths;
  std::string junit;
};
int test(const TestCommand& command);

/// Prints the problems on standard error, one a line.
void print_problems(const Diagnostics& problems);
void print_refusals(const std::vector<Refusal>& refusals);

}  // namespace orrery::cli
