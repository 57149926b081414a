// Command vulnerable uses golang.org/x/text v0.3.5, whose parser of language
// tags has known vulnerabilities. The lint fails unless govulncheck finds them.
package main

import (
	"fmt"
	"os"

	"golang.org/x/text/language"
)

func main() {
	tags, _, err := language.ParseAcceptLanguage(os.Args[0])
	fmt.Println(tags, language.Make(os.Args[0]), err)
}
