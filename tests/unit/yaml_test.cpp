#include "orrery/api/yaml.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using nlohmann::json;
using namespace orrery;

namespace {

std::vector<Document> read(std::string_view text, Diagnostics& problems) { return read_documents(text, "x.yaml", problems); }

json read_one(std::string_view text) {
  Diagnostics problems;
  const auto documents = read(text, problems);
  for (const auto& p : problems) MESSAGE(to_string(p));
  REQUIRE(problems.empty());
  REQUIRE(documents.size() == 1);
  return documents[0].value;
}

std::string first_problem(std::string_view text) {
  Diagnostics problems;
  read(text, problems);
  return problems.empty() ? "" : to_string(problems[0]);
}

}  // namespace

TEST_SUITE("yaml") {
  TEST_CASE("an unquoted scalar is resolved as by the YAML 1.1 reader of kubectl") {
    struct Row {
      const char* text;
      const char* json;
    };
    const Row rows[] = {
        {"true", "true"}, {"True", "true"}, {"yes", "true"}, {"on", "true"}, {"y", "true"}, {"Y", "true"}, {"no", "false"},
        {"off", "false"}, {"n", "false"}, {"FALSE", "false"}, {"tRUE", "\"tRUE\""}, {"null", "null"}, {"~", "null"}, {"", "null"},
        {"0", "0"}, {"-0", "0"}, {"+5", "5"}, {"0x1F", "31"}, {"-0x10", "-16"}, {"0o17", "15"}, {"017", "15"}, {"08", "8"}, {"0b11", "3"},
        {"-0b11", "-3"}, {"1_000", "1000"}, {"_1", "\"_1\""}, {"1e3", "1000"}, {"1.5", "1.5"}, {".5", "0.5"}, {"5.", "5"}, {"1.0", "1"},
        {"1e400", "\"1e400\""}, {"1e-400", "0"}, {"1e", "\"1e\""}, {".", "\".\""}, {"1.2.3", "\"1.2.3\""}, {"0x", "\"0x\""}, {"-", "[null]"},
        {"9223372036854775807", "9223372036854775807"}, {"-9223372036854775808", "-9223372036854775808"},
        {"12345678901234567890", "12345678901234567890"}, {"99999999999999999999", "1e20"}, {"2026-01-01", "\"2026-01-01\""},
        {"2026-01-01T00:00:00Z", "\"2026-01-01T00:00:00Z\""}, {"1:30", "\"1:30\""}, {"100m", "\"100m\""}, {"1Gi", "\"1Gi\""},
        {"\"true\"", "\"true\""}, {"'12'", "\"12\""}, {"!!str 12", "\"12\""}, {"! 12", "\"12\""}, {"!!int 12", "12"}, {"!!float 12", "12"},
        {"!!null ~", "null"}, {"|\n  a\n  b\n", "\"a\\nb\\n\""}, {">-\n  a\n  b", "\"a b\""}, {"<<", "\"<<\""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.text);
      const std::string text = std::string(row.text) == "-" ? std::string("k:\n-") : std::string("k: ") + row.text;
      CHECK(read_one(text)["k"] == json::parse(row.json));
    }
  }

  TEST_CASE("keys become strings as kubectl makes them") {
    CHECK(read_one("1: a\n0x10: b\non: c\n1.5: d\n\"yes\": e\n") == json::parse(R"({"1":"a","16":"b","true":"c","1.5":"d","yes":"e"})"));
  }

  TEST_CASE("documents are split, empty ones dropped, JSON and YAML may follow each other") {
    Diagnostics problems;
    CHECK(read("---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n", problems).size() == 2);
    CHECK(read("", problems).empty());
    CHECK(read("{\"a\":1}{\"b\":2}\n[3]", problems).size() == 3);
    CHECK(read("{\"a\":1}\n---\nb: 2\n---\n{\"c\": 3}\n", problems).size() == 3);
    CHECK(read("\xEF\xBB\xBF{\"a\":1}", problems).size() == 1);
    CHECK(read("{a: b, c: [d]}", problems).size() == 1);
    CHECK(read("[a, 'b']", problems).size() == 1);
    CHECK(problems.empty());
  }

  TEST_CASE("anchors, aliases and merge keys") {
    CHECK(read_one("a: &x {p: 1, q: [2]}\nb: *x\nc:\n  <<: *x\n  p: 3\nd:\n  p: 4\n  <<: [*x, {r: 5, p: 6}]\n") ==
          json::parse(R"({"a":{"p":1,"q":[2]},"b":{"p":1,"q":[2]},"c":{"p":3,"q":[2]},"d":{"p":4,"q":[2],"r":5}})"));
  }

  TEST_CASE("every kind of mistake has its place and its words") {
    struct Row {
      std::string text;
      const char* problem;
    };
    const Row rows[] = {
        {"a: 1\nb: 2\na: 3\n", "x.yaml:3:1: duplicate key \"a\""},
        {"{\"a\": 1,\n \"a\": 2}", "x.yaml:2: duplicate key \"a\""},
        {"a:\n  b: c\n d: e\n", "x.yaml:3:2: invalid YAML: did not find expected key, while parsing a block mapping that began on line 1"},
        {"a:\n\tb: c\n", "x.yaml:2:1: invalid YAML: found character that cannot start any token, while scanning for the next token (YAML does not allow tabs in the indentation)"},
        {"a: *x\n", "x.yaml:1:4: unknown anchor 'x' referenced"},
        {"a: &x [*x]\n", "x.yaml:1:8: anchor 'x' value contains itself"},
        {"a: .nan\n", "x.yaml:1:4: .nan is not a number that JSON has (quote it if it is meant as text)"},
        {"a: !!int b\n", "x.yaml:1:4: \"b\" is not a !!int"},
        {"a: !frob b\n", "x.yaml:1:4: unsupported tag !frob"},
        {"? [a]\n: b\n", "x.yaml:1:3: a mapping or sequence cannot be a key"},
        {"~: b\n", "x.yaml:1:1: null cannot be a key"},
        {"<<: 3\n", "x.yaml:1:5: map merge requires map or sequence of maps as the value"},
        {"a: b\xFF\n", "x.yaml:1: not UTF-8: byte 0xff at offset 4"},
        {"a: \"\xED\xA0\x80\"\n", "x.yaml:1: not UTF-8: byte 0xed at offset 4"},
        {"{\"a\": 1,\n\"b\": }", "x.yaml:2:6: invalid JSON: syntax error while parsing value - unexpected '}'; expected '[', '{', or a literal"},
        {"{\"a\": 1e999}", "x.yaml:1:12: invalid JSON: number overflow parsing '1e999'"},
        {"{\"a\": 1} b", "x.yaml:1:10: invalid JSON: text after the end of the document"},
        {std::string(kMaxNesting + 1, '['), "x.yaml:1: objects and arrays are nested more than 100 deep"},
        {"- " + std::string(kMaxNesting + 1, '['), "x.yaml:1:102: mappings and sequences are nested more than 100 deep"},
        {std::string(kMaxDocumentBytes + 1, ' '), "x.yaml: larger than 64 MiB"},
    };
    for (const Row& row : rows) {
      const std::string text = row.text.substr(0, 100);
      CAPTURE(text);
      CHECK(first_problem(row.text) == row.problem);
    }
  }

  TEST_CASE("a document with problems does not hide those of the next") {
    Diagnostics problems;
    const auto documents = read("a: [\n---\nb: 1\nb: 2\n---\nc: 3\n---\nd: {\n", problems);
    REQUIRE(problems.size() == 3);
    CHECK(problems[1].line == 4);
    REQUIRE(documents.size() == 1);
    CHECK(documents[0].value["c"] == 3);
  }

  TEST_CASE("hostile text ends at a limit") {
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
      const std::string p = "*a" + std::to_string(i - 1);
      bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + p;
      for (int k = 0; k < 9; ++k) bomb += "," + p;
      bomb += "]\n";
    }
    CHECK(first_problem(bomb).find("aliases expand to more than 1000000 nodes") != std::string::npos);
    std::string tower = "a0: &a0 [x]\n";
    for (int i = 1; i < 200; ++i) tower += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    CHECK(first_problem(tower).find("nested more than 100 deep") != std::string::npos);
    Diagnostics problems;
    std::string broken;
    for (int i = 0; i < 5000; ++i) broken += "a: [\n---\n";
    read(broken, problems);
    CHECK(problems.size() == kMaxReadProblems);
    CHECK(first_problem(std::string(200'000, '{')).size() < 500);
    CHECK(first_problem("\"" + std::string(200'000, 'a')).size() < 500);
    CHECK(first_problem("{\"a\": \"" + std::string(200'000, 'a')).size() < 500);
  }

  TEST_CASE("a pointer leads to its line, also in later documents and for what is missing") {
    Diagnostics problems;
    const auto documents = read("# one\na: 1\n---\nspec:\n  list:\n  - x: 1\n  - x: 2\n    \"y/z\": 3\n", problems);
    REQUIRE(documents.size() == 2);
    const Document& d = documents[1];
    CHECK(documents[0].line_of("/a") == 2);
    CHECK(d.line_of("") == 4);
    CHECK(d.line_of("/spec/list") == 5);
    CHECK(d.line_of("/spec/list/1") == 7);
    CHECK(d.line_of("/spec/list/1/y~1z") == 8);
    CHECK(d.position_of("/spec/list/1/y~1z").column == 5);
    CHECK(d.line_of("/spec/list/1/missing/deeper") == 7);
    Diagnostics found(1);
    found[0].pointer = "/spec/list/0/x";
    found[0].message = "bad";
    d.locate(found);
    CHECK(to_string(found[0]) == "x.yaml:6:5: /spec/list/0/x: bad");

    const auto jsons = read("{\"a\":\n1}\n{\"b\": [\n 1,\n 2,\n {\"c\": 3}\n]}", problems);
    REQUIRE(jsons.size() == 2);
    CHECK(jsons[1].line_of("/b") == 3);
    CHECK(jsons[1].line_of("/b/1") == 5);
    CHECK(jsons[1].line_of("/b/2/c") == 6);
    CHECK(Document{}.line_of("/a") == 0);
  }

  TEST_CASE("written YAML is what kubectl prints") {
    const json value = json::parse(R"({"b":[],"a":{},"list":[{"name":"x","n":1},[1,2],"s"],"a10":1,"a2":2,
      "quoted":["true","12","","~","2026-01-01T00:00:00Z","0x1F","1:30","- a","a: b","a #b"," a","a ","é","it's","@a","1e3","y"],
      "plain":["a-b","a:b","100m","1Gi","v1.2.3","a b","ns/name"],"text":"a\nb\n","text2":"a\nb","num":1.5,"none":null,"yes":true})");
    CHECK(write_yaml(value) == R"(a: {}
a2: 2
a10: 1
b: []
list:
- "n": 1
  name: x
- - 1
  - 2
- s
none: null
num: 1.5
plain:
- a-b
- a:b
- 100m
- 1Gi
- v1.2.3
- a b
- ns/name
quoted:
- "true"
- "12"
- ""
- "~"
- "2026-01-01T00:00:00Z"
- "0x1F"
- "1:30"
- '- a'
- 'a: b'
- 'a #b'
- ' a'
- 'a '
- é
- it's
- '@a'
- "1e3"
- "y"
text: |
  a
  b
text2: |-
  a
  b
"yes": true
)");
    CHECK(write_yaml("a\n\n") == "|+\n  a\n\n");
    CHECK(write_yaml(json{{"k", "a\n\n"}}) == "k: |+\n  a\n\n");
    CHECK(write_yaml(std::string("a\xFFz")) == "a\xEF\xBF\xBDz\n");
    CHECK(write_yaml(json{{"message", "containers with unready status: [aaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbb] and more words"}}) ==
          "message: 'containers with unready status: [aaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbb]\n  and more words'\n");
  }

  TEST_CASE("what is written reads back the same") {
    const char* rows[] = {R"({"a":[{"b":{"c":["x",[],{},[[1]],null,true,-5,1.25,18446744073709551615]}}]})",
                          R"(["\u2028","\u0085x","\ud83d\ude00","\u007f","tab\there","a\r\nb","  lead\nx","x\n  y\n\n","\n","---","...","# c"])",
                          R"({"? a":1,"a: b":2,"":3,"<<":4,"k\nl":5})", R"("")", "null", "[]"};
    for (const char* row : rows) {
      CAPTURE(row);
      const json value = json::parse(row);
      if (value.is_null()) continue;
      CHECK(read_one(write_yaml(value)) == value);
    }
  }
}
