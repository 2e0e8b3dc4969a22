// Keeps src/api/security.md true: each test that it names is there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path table_root = SPORTELLO_SOURCE_DIR;

std::string text_of(const fs::path& file)
{
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Check {
    std::string abuse;
    std::vector<std::string> tests; ///< "Suite.Name", or "tests/browser/x.test.js: its title"
};

/// The rows: | abuse | what stands against it | `Suite.Name`, `tests/…: title` |
std::vector<Check> checks_of(const std::string& markdown)
{
    static const std::regex row(R"(^\| ([^|]+) \|[^|]*\|([^|]*)\|$)");
    static const std::regex name("`([^`]+)`");
    std::vector<Check> found;
    std::istringstream lines(markdown);
    for (std::string line; std::getline(lines, line);) {
        std::smatch cells;
        if (!std::regex_match(line, cells, row) || cells[1] == "abuse" || cells[1] == "---") continue;
        const std::string tests = cells[2];
        auto& check = found.emplace_back(Check{cells[1], {}});
        for (std::sregex_iterator it(tests.begin(), tests.end(), name), end; it != end; ++it) check.tests.push_back((*it)[1]);
    }
    return found;
}

/// "Suite.Name" of every C++ test.
std::set<std::string> cpp_tests()
{
    static const std::regex macro(R"(^(?:TEST|TEST_F|TEST_P|TYPED_TEST|RC_GTEST_PROP)\((\w+), *(\w+))");
    std::set<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(table_root / "tests")) {
        if (entry.path().extension() != ".cpp") continue;
        std::istringstream lines(text_of(entry.path()));
        for (std::string line; std::getline(lines, line);) {
            std::smatch parts;
            if (std::regex_search(line, parts, macro)) found.insert(parts[1].str() + "." + parts[2].str());
        }
    }
    return found;
}

bool is_there(const std::string& test, const std::set<std::string>& of_cpp)
{
    const auto colon = test.find(": ");
    if (colon == std::string::npos) return of_cpp.contains(test);
    const auto file = table_root / test.substr(0, colon);
    return fs::is_regular_file(file) && text_of(file).find("test('" + test.substr(colon + 2) + "'") != std::string::npos;
}

TEST(SecurityTable, NamesTestsThatAreThere)
{
    const auto of_cpp = cpp_tests();
    ASSERT_GT(of_cpp.size(), 500U);
    const auto checks = checks_of(text_of(table_root / "src/api/security.md"));
    ASSERT_GT(checks.size(), 40U);
    for (const auto& check : checks) {
        EXPECT_FALSE(check.tests.empty()) << check.abuse << " has no test";
        for (const auto& test : check.tests) EXPECT_TRUE(is_there(test, of_cpp)) << check.abuse << ": there is no test " << test;
    }
}

TEST(SecurityTable, SeesWhatIsMissing)
{
    const std::set<std::string> known{"A.B"};
    EXPECT_TRUE(is_there("A.B", known));
    EXPECT_FALSE(is_there("A.C", known));
    EXPECT_FALSE(is_there("tests/browser/hostile.test.js: no such title", known));
    EXPECT_FALSE(is_there("tests/nowhere.test.js: x", known));
    const auto checks = checks_of("| abuse | x | y |\n| --- | --- | --- |\n| a | b | `A.B`, `A.C` |\n| c | d | |\n");
    ASSERT_EQ(checks.size(), 2U);
    EXPECT_EQ(checks[0].tests, (std::vector<std::string>{"A.B", "A.C"}));
    EXPECT_TRUE(checks[1].tests.empty());
}

} // namespace
