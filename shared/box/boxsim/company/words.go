package company

import (
	"fmt"
	"strings"
)

var (
	givenNames  = []string{"Ada", "Bruno", "Chiara", "Dmitri", "Emeka", "Freya", "Gül", "Hiroshi", "Ines", "Jörg", "Kavya", "Liam", "Mei", "Nils", "Olga", "Paul"}
	familyNames = []string{"Lovegrove", "Almeida", "Conti", "Orlov", "Okafor", "Lindqvist", "Yıldız", "Tanaka", "Costa", "Größl", "Iyer", "Byrne", "Chen", "Bakke", "Petrova", "Dubois"}

	departments = [][]string{
		{"Management", "Board", "Contracts"},
		{"Sales", "Offers", "Customers"},
		{"Engineering", "Lens designs", "Measurements"},
		{"Human resources", "Applications", "Policies"},
		{"Marketing", "Brochures", "Trade fairs"},
		{"Finance", "Invoices", "Annual accounts"},
	}
	subjects = []string{
		"Achromat", "Coating", "Prism", "Alignment bench", "Supplier", "Warranty", "Travel", "Training",
		"Résumé", "Größenvergleich", "Отчёт", "見積書", "Présentation", "Contrato", "Zoom lens", "Clean room",
	}
	occasions = []string{
		"plan", "review", "offer", "minutes", "summary", "budget", "checklist", "test results", "roadmap", "(final)", "- draft", "& notes",
	}
	verbs = []string{"meets", "needs", "replaces", "delays", "improves", "depends on", "was tested against", "costs less than"}

	texts = []struct{ name, body string }{
		{"Welcome", "Welcome to the team. Your badge opens the door on the left."},
		{"Willkommen", "Schön, dass du da bist. Der Schlüssel für das Labor liegt am Empfang."},
		{"Bienvenue", "Bienvenue parmi nous. La machine à café est au deuxième étage."},
		{"Добро пожаловать", "Мы рады вас видеть. Совещание начинается в девять часов."},
		{"ようこそ", "ようこそ。会議室は三階にあります。"},
		{"欢迎", "欢迎加入我们的团队。请在前台领取钥匙。"},
		{"أهلا", "أهلا بك في الفريق. الاجتماع يبدأ في التاسعة."},
		{"ברוכים הבאים", "ברוכים הבאים לצוות. הפגישה מתחילה בתשע."},
		{"स्वागत", "टीम में आपका स्वागत है। बैठक नौ बजे शुरू होती है।"},
		{"Emoji 🎉 notes", "Launch went well 🎉🔭 — thanks to everyone 🙏"},
	}
)

// person names the n-th employee; after all pairs of equal rank are used, the
// family names shift.
func person(n int) string {
	given := givenNames[n%len(givenNames)]
	family := familyNames[(n+n/len(givenNames))%len(familyNames)]
	return given + " " + family
}

// login is a name's e-mail address at a domain, in plain letters.
func login(name, domain string) string {
	plain := strings.NewReplacer("ü", "u", "ö", "o", "ß", "ss", "ı", "i", " ", ".").Replace(strings.ToLower(name))
	return plain + "@" + domain
}

func (b *builder) sentence() string {
	pick := func(words []string) string { return words[b.rng.IntN(len(words))] }
	return fmt.Sprintf("The %s %s the %s %s by %d %%.", strings.ToLower(pick(subjects)), pick(verbs), strings.ToLower(pick(subjects)), pick(occasions), 1+b.rng.IntN(60))
}

func (b *builder) sentences(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = b.sentence()
	}
	return list
}

// figures is a table with a heading and rows of numbers.
func (b *builder) figures(rows int) [][]any {
	list := [][]any{{"Subject", "Quantity", "Price", "Total"}}
	for range rows {
		quantity, price := 1+b.rng.IntN(90), 5+b.rng.IntN(800)
		list = append(list, []any{subjects[b.rng.IntN(len(subjects))], quantity, price, quantity * price})
	}
	return list
}
