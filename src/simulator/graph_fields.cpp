#include "graph_fields.hpp"

#include <cctype>

namespace sportello::simulator {
namespace {

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::vector<GraphField> list(int depth)
    {
        std::vector<GraphField> fields;
        while (at_ < text_.size() && text_[at_] != '}') {
            if (depth > 8) return fields; // deeper than any client asks
            GraphField field = one(depth);
            if (field.name.empty()) break;
            fields.push_back(std::move(field));
            if (!eat(',')) break;
        }
        return fields;
    }

private:
    GraphField one(int depth)
    {
        GraphField field;
        field.name = word();
        while (eat('.')) {
            const auto modifier = word();
            std::string value;
            if (eat('(')) {
                while (at_ < text_.size() && text_[at_] != ')') value += text_[at_++];
                eat(')');
            }
            (modifier == "as" ? field.alias : field.arguments[modifier]) = value;
        }
        if (eat('{')) {
            const auto start = at_;
            field.fields = list(depth + 1);
            field.fields_text = text_.substr(start, at_ - start);
            eat('}');
        }
        return field;
    }

    std::string word()
    {
        skip_blanks();
        std::string name;
        while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) { name += text_[at_++]; }
        skip_blanks();
        return name;
    }

    void skip_blanks()
    {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }

    bool eat(char c)
    {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::vector<GraphField> parse_graph_fields(std::string_view text)
{
    return Parser(text).list(0);
}

} // namespace sportello::simulator
