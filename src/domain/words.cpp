#include <sportello/base/text.hpp>
#include <sportello/domain/words.hpp>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace sportello::domain {
namespace {

constexpr std::size_t most_words = 400;
constexpr std::size_t longest_text = 16'384;

bool is_plain(std::string_view word)
{
    return std::all_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string folded(std::string_view word)
{
    if (!is_plain(word)) return base::fold(word);
    std::string lower(word);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

/// Reads a text from its beginning to its end, word by word.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text.substr(0, longest_text)) {}

    std::vector<Word> read()
    {
        while (at_ < length() && words_.size() < most_words) {
            if (skip_address() || skip_account()) continue;
            const int32_t from = at_;
            const UChar32 c = next();
            if (u_isalnum(c)) take_word(from, u_isupper(c) || u_istitle(c));
            else if (c == '.' || c == '!' || c == '?' || c == '\n' || c == ':') begins_ = true;
        }
        // A text that shouts: its capitals tell nothing.
        if (letters_ > 8 && upper_ * 10 > letters_ * 6) {
            for (Word& word : words_) word.capital = false;
        }
        return std::move(words_);
    }

private:
    [[nodiscard]] int32_t length() const { return static_cast<int32_t>(text_.size()); }
    UChar32 next()
    {
        UChar32 c = 0;
        U8_NEXT(reinterpret_cast<const uint8_t*>(text_.data()), at_, length(), c);
        return c;
    }
    void skip_to_blank()
    {
        while (at_ < length() && static_cast<unsigned char>(text_[static_cast<std::size_t>(at_)]) > ' ') ++at_;
    }
    bool skip_address()
    {
        const std::string_view rest = text_.substr(static_cast<std::size_t>(at_));
        if (!rest.starts_with("http://") && !rest.starts_with("https://") && !rest.starts_with("www.")) return false;
        skip_to_blank();
        return true;
    }
    bool skip_account()
    {
        if (text_[static_cast<std::size_t>(at_)] != '@') return false;
        ++at_;
        while (at_ < length()) {
            const int32_t before = at_;
            const UChar32 c = next();
            if (u_isalnum(c) || c == '_') continue;
            at_ = before;
            break;
        }
        begins_ = true; // mentions stand in front of what is said
        return true;
    }
    void take_word(int32_t from, bool capital)
    {
        int32_t end = at_;
        count(capital);
        while (at_ < length()) {
            const UChar32 c = next();
            if (!u_isalnum(c) && u_charType(c) != U_NON_SPACING_MARK) {
                at_ = end;
                break;
            }
            count(u_isupper(c));
            end = at_;
        }
        at_ = end;
        words_.push_back({folded(text_.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(end - from))), capital, begins_});
        begins_ = false;
    }
    void count(bool upper)
    {
        ++letters_;
        upper_ += upper;
    }

    std::string_view text_;
    int32_t at_ = 0;
    bool begins_ = true;
    std::size_t letters_ = 0;
    std::size_t upper_ = 0;
    std::vector<Word> words_;
};

} // namespace

std::vector<Word> words_of(std::string_view text)
{
    return Reader(text).read();
}

} // namespace sportello::domain
