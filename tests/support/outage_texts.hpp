#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace sportello::test {

/// Italian customers as they write, from a seed: the radar's tests want many texts that nobody wrote down one by one.
class OutageTexts {
public:
    explicit OutageTexts(std::uint64_t seed) : random_(seed) {}

    /// Of an outage of the fixed network in a town: most name it, some do not, some ask for something else too.
    struct Report {
        std::string text;
        bool placed = false;
        bool asks_else = false;
    };
    Report report(const std::string& town)
    {
        Report made;
        made.placed = chance(65);
        made.asks_else = chance(6);
        const std::string what =
            pick({"internet", "la fibra", "l'ADSL", "la linea internet", "la connessione", "il wifi", "la linea", "la rete"});
        const std::string place =
            made.placed ? pick({" a " + town, " qui a " + town, " in zona " + town, ", siamo di " + town, " (" + town + ")"}) : "";
        const std::string since = pick({"", " da stamattina", " da un'ora", " da poco", " da mezz'ora", " di nuovo"});
        switch (below(10)) {
        case 0:
            made.text = what + " non funziona" + place + since;
            break;
        case 1:
            made.text = "Buongiorno, " + what + " è giù" + place + since + ". Ci sono problemi?";
            break;
        case 2:
            made.text = "Non va " + what + place + "!!!";
            break;
        case 3:
            made.text = "siamo senza internet" + place + since;
            break;
        case 4:
            made.text = "Anche voi senza linea" + place + "? Qui tutto morto";
            break;
        case 5:
            made.text = what + " NON FUNZIONA PIÙ" + place + since;
            break;
        case 6:
            made.text = "Guasto alla fibra" + place + "? Non navigo" + since;
            break;
        case 7:
            made.text = "è caduta la connessione" + place + since + ", quando torna?";
            break;
        case 8:
            made.text = "Segnalo disservizio su " + what + place + since;
            break;
        default:
            made.text = "Assente il segnale internet" + place + since + " :(";
            break;
        }
        if (made.asks_else)
            made.text += pick({" E la bolletta di marzo è sbagliata.", " Voglio il rimborso!", " E la disdetta che ho mandato?"});
        return made;
    }

    /// What comes on a quiet day: a third tells of a trouble of one's own, somewhere in Italy.
    std::string ordinary()
    {
        static const std::vector<std::string> towns{"Roma",    "Milano", "Napoli",  "Torino",  "Palermo", "Genova",  "Bologna",
                                                    "Firenze", "Bari",   "Catania", "Verona",  "Messina", "Padova",  "Trieste",
                                                    "Brescia", "Parma",  "Modena",  "Perugia", "Livorno", "Cagliari"};
        const std::string town = chance(40) ? " a " + towns[below(towns.size())] : "";
        switch (below(15)) {
        case 0:
            return "Internet non funziona" + town + ", potete controllare la mia linea?";
        case 1:
            return "La fibra va lenta e cade spesso" + town;
        case 2:
            return "Il telefono fisso è muto, guasto da ieri" + town;
        case 3:
            return "Il cellulare non prende" + town;
        case 4:
            return "Il decoder TIMvision è bloccato";
        case 5:
            return "Quando arriva la bolletta? Non la trovo nell'area clienti";
        case 6:
            return "Vorrei passare a voi, quali offerte ci sono?";
        case 7:
            return "Ho ricevuto un addebito che non riconosco";
        case 8:
            return "Il tecnico doveva venire oggi" + town;
        case 9:
            return "Come attivo il roaming in Svizzera?";
        case 10:
            return "Grazie, tutto risolto!";
        case 11:
            return "Siete i migliori, assistenza gentilissima";
        case 12:
            return "Come cambio la password del wifi?";
        case 13:
            return "A che punto è la portabilità del mio numero?";
        default:
            return "Buongiorno, ho bisogno di aiuto con il contratto";
        }
    }

    std::string person()
    {
        static const std::vector<std::string> first{"Mara",   "Luca",   "GIULIA", "Paolo",   "Anna",      "Marco",  "Sara", "Davide",
                                                    "Chiara", "Nicolò", "X_Æ",    "♥ Lia ♥", "Bar Sport", "{name}", "Ada"};
        return first[below(first.size())] + " " + std::to_string(++people_);
    }
    bool chance(unsigned percent) { return below(100) < percent; }
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
    std::mt19937_64& random() { return random_; }

private:
    std::string pick(const std::vector<std::string>& words) { return words[below(words.size())]; }
    std::mt19937_64 random_;
    int people_ = 0;
};

} // namespace sportello::test
