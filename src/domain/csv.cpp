#include <sportello/domain/csv.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace sportello::domain {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::string_view formula_signs = "=+-@\t\r";
constexpr std::array<std::string_view, 4> wide_formula_signs{"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};

/// "-12.5": a number, which programs want bare.
bool is_negative_number(std::string_view cell)
{
    if (cell.size() < 2 || cell.front() != '-') return false;
    cell.remove_prefix(1);
    return cell.front() != '.' && cell.find_first_not_of("0123456789.") == std::string_view::npos && std::ranges::count(cell, '.') <= 1;
}

/// Also behind apostrophes: so that taking one away gives back what was there.
bool begins_a_formula(std::string_view cell)
{
    cell.remove_prefix(std::min(cell.find_first_not_of('\''), cell.size()));
    if (cell.empty() || is_negative_number(cell)) return false;
    if (formula_signs.find(cell.front()) != std::string_view::npos) return true;
    // The full-width signs, which some spreadsheets fold to the plain ones.
    return std::ranges::any_of(wide_formula_signs, [&](std::string_view sign) { return cell.starts_with(sign); });
}

char separator_of(std::string_view text)
{
    const auto first_line = text.substr(0, text.find('\n'));
    const bool semicolons = first_line.find(';') != std::string_view::npos && first_line.find(',') == std::string_view::npos;
    return semicolons ? ';' : ',';
}

/// Takes one text apart, cell by cell.
class Reader {
public:
    Reader(std::string_view text, std::size_t most_lines) : text_(text), separator_(separator_of(text)), most_lines_(most_lines) {}

    base::Result<std::vector<std::vector<std::string>>> read()
    {
        while (at_ < text_.size()) {
            if (const auto read = read_cell(); !read) return read.error();
            if (lines_.size() > most_lines_) return wrong("more than " + std::to_string(most_lines_) + " lines");
        }
        if (!cells_.empty()) end_line(); // without a line break at the end
        return std::move(lines_);
    }

private:
    [[nodiscard]] Error wrong(const std::string& what) const
    {
        return {ErrorKind::invalid_input, "line " + std::to_string(line_) + ": " + what};
    }

    base::Result<void> read_cell()
    {
        std::string cell;
        if (text_[at_] == '"') {
            if (const auto read = read_quoted(cell); !read) return read;
        } else {
            while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n') cell += text_[at_++];
            if (cell.ends_with('\r')) cell.pop_back();
        }
        if (cell.starts_with('\'') && begins_a_formula(cell)) cell.erase(0, 1);
        cells_.push_back(std::move(cell));
        if (at_ == text_.size()) return {};
        if (text_[at_++] == '\n') {
            end_line();
        } else if (at_ == text_.size()) {
            cells_.emplace_back(); // a separator is the last thing: an empty cell follows
        }
        return {};
    }

    base::Result<void> read_quoted(std::string& cell)
    {
        const auto begun = wrong("the quote does not end");
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\n') ++line_;
            if (text_[at_] != '"') {
                cell += text_[at_];
                continue;
            }
            if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                cell += '"';
                ++at_;
                continue;
            }
            ++at_;
            if (at_ < text_.size() && text_[at_] == '\r') ++at_;
            if (at_ == text_.size() || text_[at_] == separator_ || text_[at_] == '\n') return {};
            return wrong("text behind a closing quote");
        }
        return begun;
    }

    void end_line()
    {
        const bool empty = cells_.size() == 1 && cells_.front().empty();
        if (!empty) lines_.push_back(std::move(cells_));
        cells_.clear();
        ++line_;
    }

    std::string_view text_;
    char separator_;
    std::size_t most_lines_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::vector<std::string> cells_;
    std::vector<std::vector<std::string>> lines_;
};

} // namespace

base::Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text, std::size_t most_lines)
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return Reader(text, most_lines).read();
}

std::string csv_line(std::span<const std::string> cells)
{
    std::string line;
    for (const std::string& cell : cells) {
        if (&cell != cells.data()) line += ',';
        const std::string guarded = begins_a_formula(cell) ? "'" + cell : cell;
        if (guarded.find_first_of(",;\"\r\n") == std::string::npos) {
            line += guarded;
            continue;
        }
        line += '"';
        for (const char c : guarded) {
            if (c == '"') line += '"';
            line += c;
        }
        line += '"';
    }
    line += "\r\n";
    return line;
}

} // namespace sportello::domain
