// Package company fills a simulated Box enterprise so that it looks like a
// company: people with folders of documents, sheets, slides, PDFs, pictures,
// texts in several languages, archives and Box Notes, older versions, shared
// folders, web links, and a partner from another enterprise. The files are real:
// programs open them.
package company

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// Name of the demo enterprise.
const Name = "Northwind Optics"

// Company is a filled enterprise.
type Company struct {
	Enterprise *boxsim.Enterprise
	Users      []backup.BoxUserID // the first is the administrator
	Partner    backup.BoxUserID   // a collaborator from another enterprise
}

// Build creates the enterprise with that many users, each with about files
// files of their own. Everything follows from the seed.
func Build(sim *boxsim.Sim, seed uint64, users, files int) (Company, error) {
	rng := rand.New(rand.NewPCG(seed, 1)) // #nosec G404 -- made-up data
	enterprise := sim.AddEnterprise(Name)
	c := Company{Enterprise: enterprise}
	for i := range users {
		role := boxsim.Member
		if i == 0 {
			role = boxsim.Admin
		}
		name := person(i)
		c.Users = append(c.Users, enterprise.AddUser(name, login(name, "northwind.example"), role))
	}
	partners := sim.AddEnterprise("Fresnel Partners")
	c.Partner = partners.AddUser("Noor Haddad", "noor.haddad@fresnel.example", boxsim.Admin)
	b := builder{sim: sim, rng: rng}
	for i, user := range c.Users {
		b.person(user, i, files)
	}
	b.share(c)
	return c, b.err
}

// builder keeps the first error, so that building reads as a list.
type builder struct {
	sim *boxsim.Sim
	rng *rand.Rand
	err error
}

func (b *builder) folder(as backup.BoxUserID, parent, name string) string {
	if b.err != nil {
		return ""
	}
	var id string
	if id, b.err = b.sim.CreateFolder(as, parent, name); b.err != nil {
		b.err = fmt.Errorf("folder %q: %w", name, b.err)
	}
	return id
}

func (b *builder) file(as backup.BoxUserID, parent, name string, content []byte) string {
	if b.err != nil {
		return ""
	}
	var id string
	if id, b.err = b.sim.Upload(as, parent, name, content); b.err != nil {
		b.err = fmt.Errorf("file %q: %w", name, b.err)
	}
	return id
}

func (b *builder) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

// person fills one user's folders.
func (b *builder) person(user backup.BoxUserID, number, files int) {
	places := []string{}
	for _, name := range departments[number%len(departments)] {
		top := b.folder(user, backup.RootFolder, name)
		places = append(places, top)
		for _, year := range []string{"2025", "2026"} {
			places = append(places, b.folder(user, top, year))
		}
	}
	b.folder(user, backup.RootFolder, "Empty for now")
	used := map[string]bool{}
	for i := range files {
		place := places[b.rng.IntN(len(places))]
		name, content := b.make(i)
		for key := place + strings.ToLower(name); used[key]; key = place + strings.ToLower(name) {
			dot := strings.LastIndex(name, ".")
			name = fmt.Sprintf("%s %d%s", name[:dot], i, name[dot:])
		}
		used[place+strings.ToLower(name)] = true
		id := b.file(user, place, name, content)
		b.decorate(user, id, name, i)
	}
	if b.err == nil {
		_, err := b.sim.AddWebLink(user, backup.RootFolder, "Intranet", "https://intranet.northwind.example/")
		b.do(err)
	}
}

// decorate gives some files older versions, descriptions and tags.
func (b *builder) decorate(user backup.BoxUserID, id, name string, i int) {
	if b.err != nil {
		return
	}
	if i%7 == 0 && strings.HasSuffix(name, ".md") {
		for n := range 2 {
			b.do(b.sim.NewVersion(user, id, []byte(fmt.Sprintf("# Draft %d\n\n%s\n", n+2, b.sentence()))))
		}
	}
	ref := backup.ItemRef{Kind: backup.File, ID: id}
	if i%5 == 0 {
		b.do(b.sim.SetDescription(user, ref, b.sentence()))
	}
	if i%6 == 0 {
		b.do(b.sim.SetTags(user, ref, "review", subjects[b.rng.IntN(len(subjects))]))
	}
}

// make returns a file of the i-th kind.
func (b *builder) make(i int) (string, []byte) {
	subject := subjects[b.rng.IntN(len(subjects))]
	title := fmt.Sprintf("%s %s", subject, occasions[b.rng.IntN(len(occasions))])
	switch i % 11 {
	case 0:
		return title + ".docx", document(title, b.sentences(12))
	case 1:
		return title + ".xlsx", sheet(subject, b.figures(40))
	case 2:
		return title + ".pptx", slides(b.sentences(6))
	case 3:
		return title + ".pdf", page(title, b.sentences(20))
	case 4:
		return title + ".png", pngImage(picture(b.rng, 160, 120))
	case 5:
		return title + ".jpg", jpegImage(picture(b.rng, 640, 480))
	case 6:
		return title + ".boxnote", boxNote(title, b.sentences(8))
	case 7:
		return title + ".md", []byte("# " + title + "\n\n" + strings.Join(b.sentences(10), "\n\n") + "\n")
	case 8:
		return title + ".csv", table(b.figures(200))
	case 9:
		return title + ".zip", container(part{"readme.txt", b.sentence()}, part{"figures.csv", string(table(b.figures(30)))})
	}
	text := texts[b.rng.IntN(len(texts))]
	return text.name + ".txt", []byte(strings.Repeat(text.body+"\n", 1+b.rng.IntN(20)))
}

// share makes a folder that several people and the partner work in.
func (b *builder) share(c Company) {
	owner := c.Users[0]
	shared := b.folder(owner, backup.RootFolder, "Lens project (shared)")
	b.file(owner, shared, "Minutes.boxnote", boxNote("Minutes", b.sentences(5)))
	b.file(owner, shared, "Budget.xlsx", sheet("Budget", b.figures(25)))
	if b.err != nil {
		return
	}
	ref := backup.ItemRef{Kind: backup.Folder, ID: shared}
	for _, user := range c.Users[1:min(4, len(c.Users))] {
		b.invite(owner, ref, user, "editor")
	}
	b.invite(owner, ref, c.Partner, "viewer")
	theirs := b.folder(c.Partner, backup.RootFolder, "Fresnel samples")
	b.file(c.Partner, theirs, "Sample list.csv", table(b.figures(15)))
	b.invite(c.Partner, backup.ItemRef{Kind: backup.Folder, ID: theirs}, owner, "editor")
}

func (b *builder) invite(as backup.BoxUserID, ref backup.ItemRef, user backup.BoxUserID, role string) {
	if b.err == nil {
		_, b.err = b.sim.Collaborate(as, ref, user, role)
	}
}
