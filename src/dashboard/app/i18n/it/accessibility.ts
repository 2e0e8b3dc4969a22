/** What this dashboard does for everybody, and where it falls short. */
const it = {
    accessibility: {
        title: 'Accessibilità',
        intro: 'Sportello vuole potersi usare da chiunque ci lavori: con la tastiera sola, con un lettore di schermo, con lo schermo ingrandito, su un telefono. La misura è WCAG 2.2, livello AA.',
        keyboard: 'Tastiera',
        keyboardText: 'Ogni azione si fa senza mouse. «?» mostra i tasti, Ctrl+K elenca tutte le azioni per nome. I tasti singoli si possono spegnere nelle preferenze.',
        screen: 'Lettori di schermo',
        screenText: 'Liste, conversazioni e tabelle hanno nomi e ruoli propri; ciò che arriva si annuncia senza interrompere. Ogni grafico ha accanto la sua tabella.',
        sight: 'Vista',
        sightText: 'Aspetto chiaro e scuro con contrasti di almeno 4,5 a 1; nessuna informazione è data solo dal colore. Fino a 320 punti di larghezza, o al 400 %, nulla scorre di lato salvo le tabelle.',
        motion: 'Movimento e suono',
        motionText: 'Chi nel sistema chiede meno movimento non ne vede. I suoni sono spenti finché non si accendono, e ciò che dicono sta anche scritto.',
        time: 'Tempo',
        timeText: 'Il tempo per annullare un invio si può allungare fino a 30 secondi. Le bozze si conservano: la fine di una sessione non perde ciò che è scritto.',
        limits: 'Limiti conosciuti',
        limitsText: 'Le immagini che i clienti mandano non hanno una descrizione. I messaggi si leggono nella lingua in cui sono scritti, che non sempre è dichiarata. Alcuni motivi tecnici del server restano in inglese.',
        checked: 'Come si verifica',
        checkedText: 'A ogni modifica ogni pagina è controllata con axe in italiano e in inglese, chiara e scura, e una giornata di lavoro si svolge con la tastiera sola in Chromium. Prove con persone e lettori di schermo diversi spettano a chi lo adotta.',
        tell: 'Un ostacolo?',
        tellText: 'Dillo a chi amministra Sportello nella tua azienda: la pagina, che cosa volevi fare, con quale browser e quale ausilio.',
        back: 'Torna indietro',
        keys: 'Elenco dei tasti',
    },
};

export default it;
