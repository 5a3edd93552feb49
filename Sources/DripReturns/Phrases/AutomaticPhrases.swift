/// How the subject of an answer begins that no person wrote.
enum AutomaticPhrases {
    static let subjects = PhraseTable([
        "automatic reply", "automatic response", "automated reply", "automated response", "autoreply", "auto-reply",
        "auto reply",
        "autoresponse", "auto-response", "auto response", "autoresponder", "auto:", "autosvar", "out of office",
        "out of the office", "out-of-office", "ooo:", "oof:", "on vacation", "on leave", "on annual leave", "vacation",
        "away from", "i am away", "i'm away", "i am out of", "i'm out of", "away:", "holiday:", "maternity leave",
        "parental leave", "[auto", "(auto",
        // Indonesian
        "balasan otomatis", "jawaban otomatis", "respon otomatis", "respons otomatis", "pesan otomatis",
        "di luar kantor",
        "diluar kantor", "sedang di luar", "sedang cuti", "saya sedang cuti", "cuti:", "cuti tahunan",
        "tidak di kantor",
        "tidak berada di kantor", "sedang tidak di", "dinas luar",
        // Other languages that leads write in
        "automatische antwort", "automatische antwoord", "automatisch antwoord", "abwesenheit", "abwesend", "afwezig",
        "réponse automatique", "reponse automatique", "absence du bureau", "absent du bureau", "respuesta automática",
        "respuesta automatica", "fuera de la oficina", "fuera de oficina", "risposta automatica", "fuori sede",
        "fuori ufficio", "assente", "resposta automática", "resposta automatica", "ausente", "ausência",
        "fora do escritório",
        "automatiskt svar", "frånvaro", "automatisk svar", "automaattinen vastaus", "automatyczna odpowiedź",
        "odpowiedź automatyczna", "automatická odpověď", "otomatik yanıt", "автоответ", "автоматический ответ", "自动回复",
        "自動回覆",
        "自動返信", "自動応答", "不在", "부재중", "trả lời tự động", "balas automatik", "jawapan automatik",
    ])
}
