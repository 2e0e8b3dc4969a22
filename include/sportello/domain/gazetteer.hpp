#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/words.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sportello::domain {

/// A municipality, or a province as a whole.
struct Place {
    std::string key;      ///< "BO/Imola"; a province: "BO"
    std::string name;     ///< "Imola"; a province: "Bologna"
    std::string province; ///< "BO"
    std::int64_t inhabitants = 0;
    [[nodiscard]] bool is_province() const { return key == province; }
};

/// The places that customers name. Finding them costs what the text is long, however many there are.
class Gazetteer {
public:
    /// Reads lines "province TAB name TAB inhabitants" as in config/places/italy.tsv; names after '|' mean the same place.
    /// @return invalid_input with the number of the line that is none.
    static base::Result<Gazetteer> parse(std::string_view tsv);
    /// Those of Italy, as packaged; made once.
    static std::shared_ptr<const Gazetteer> italy();

    /// These and further ones, of the same form.
    [[nodiscard]] base::Result<Gazetteer> with(std::string_view tsv) const;

    /// What a text names, each once, in its order. Names that are also ordinary words (Re, Potenza, Prato), and those of
    /// small places, count only with a capital after "a", "di", "zona"… or with their province ("Este (PD)"). Of places
    /// with the same name the one of a province that is named counts, else the largest.
    [[nodiscard]] std::vector<const Place*> find(std::span<const Word> words) const;

    /// Null when there is none.
    [[nodiscard]] const Place* by_key(std::string_view key) const;
    /// What a person means: a key, a name ("Imola"; the largest of several), or "provincia di Bologna". Null: nothing.
    [[nodiscard]] const Place* meant(std::string_view text) const;

private:
    base::Result<void> add(std::string_view tsv);
    void add_name(std::string_view name, std::size_t place);
    struct Name {
        std::vector<std::string> words;
        std::vector<std::size_t> places; ///< the largest first; a province's own index stands apart
    };
    struct Hit {
        std::size_t length = 0;
        const Name* name = nullptr;
    };
    [[nodiscard]] Hit longest_at(std::span<const Word> words, std::size_t at, bool province) const;
    [[nodiscard]] bool counts(const Name& name, std::span<const Word> words, std::size_t at) const;
    [[nodiscard]] const Place* choose(const Name& name, std::span<const Word> words, std::size_t after) const;

    std::vector<Place> places_;
    std::unordered_map<std::string, std::size_t> by_key_;
    std::unordered_map<std::string, std::vector<Name>> names_;     ///< municipalities, by their first word
    std::unordered_map<std::string, std::vector<Name>> provinces_; ///< likewise, by the province's name
    std::unordered_map<std::string, std::string> codes_;           ///< "bo" -> "BO"
};

/// Whether what is said of `inner` is said of `outer`: they are equal, or `outer` is the province of `inner`.
[[nodiscard]] bool lies_in(std::string_view inner, std::string_view outer);
/// The province of a place's key.
[[nodiscard]] std::string_view province_of(std::string_view key);

} // namespace sportello::domain
