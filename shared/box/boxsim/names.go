package boxsim

import (
	"strconv"
	"strings"
)

// NastyNames are names that Box allows and that software trips over.
var NastyNames = []string{
	`it's "quoted" & <b>bold<b>`,
	"emoji 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
	"right \u202eot tfel\u202c and \u200fmarks\u200e",
	"=HYPERLINK(\"mailto:eve@example.com\")",
	"-rf --no-preserve-root *",
	"CON", "aux.txt", "nul",
	"%2e%2e%2f%00",
	"$(touch owned) `id` ; |",
	"NFC é", "NFD e\u0301 other",
	"日本語のファイル名",
	"ends with a dot.",
	"  leads with spaces",
	"zero\u200bwidth",
	"<script>alert(1)<!--",
	"a?b:c*d|e",
	"{{7*7}} ${jndi:x} %s %n",
	"Iİıi ß ẞ ﬁ",
	"combining " + strings.Repeat("a\u0300\u0316", 20),
	"null",
	"..hidden..",
	"~$lock",
}

// nastyName makes the i-th nasty name unique, and some of them as long as Box
// allows.
func nastyName(i int, extension string) string {
	base := NastyNames[i/3%len(NastyNames)] + " " + strconv.Itoa(i)
	if i%15 == 0 {
		filler := []rune(strings.Repeat("long näme ", 26))
		base += string(filler[:255-len([]rune(base))-len(extension)])
		base = strings.TrimSuffix(base, " ") + extension
		return base
	}
	return base + extension
}
