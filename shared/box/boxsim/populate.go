package boxsim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"coffer/shared/backup"
)

// Plan says what Populate makes.
type Plan struct {
	Name  string // of the enterprise; "" means Acme
	Seed  uint64
	Users int  // the first is an administrator
	Files int  // for each user
	Nasty bool // a third of the names are of those that trip software
}

// Company is what Populate made.
type Company struct {
	Enterprise *Enterprise
	App        *App
	Admin      backup.BoxUserID
	Users      []backup.BoxUserID
}

// Populate adds a synthetic enterprise. Its items are older than the event
// log, so it is quick and leaves no events.
func (s *Sim) Populate(p Plan) Company {
	if p.Name == "" {
		p.Name = "Acme"
	}
	ent := s.AddEnterprise(p.Name)
	c := Company{Enterprise: ent, App: ent.AddApp("", "", "http://localhost:8080/api/box/callback")}
	for i := range p.Users {
		role := Member
		if i == 0 {
			role = Admin
		}
		name := fmt.Sprintf("%s %s", pick(firstNames, i), pick(lastNames, i/len(firstNames)+i))
		c.Users = append(c.Users, ent.AddUser(name, fmt.Sprintf("user%d@acme.example", i+1), role))
	}
	if len(c.Users) > 0 {
		c.Admin = c.Users[0]
	}
	for i, id := range c.Users {
		s.PopulateUser(id, Plan{Seed: p.Seed + uint64(i), Files: p.Files, Nasty: p.Nasty}) // #nosec G115 -- an index
	}
	return c
}

// PopulateUser gives one user the planned number of files, in folders.
func (s *Sim) PopulateUser(id backup.BoxUserID, p Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &generator{Sim: s, rng: rand.New(rand.NewPCG(p.Seed, 7)), user: s.Users[string(id)], nasty: p.Nasty} // #nosec G404
	g.fill(p.Files)
}

// Fill puts n small files into a folder, without events.
func (s *Sim) Fill(as backup.BoxUserID, folder string, n int) error {
	return s.change(as, FolderRef(folder), canUpload, func(c *call, in *item) error {
		g := &generator{Sim: s, rng: rand.New(rand.NewPCG(s.opt.Seed, 11)), user: c.user} // #nosec G404
		for i := range n {
			g.file(in, fmt.Sprintf("item %06d.txt", i))
		}
		return nil
	})
}

// generator makes items that look as if they had been there for long.
type generator struct {
	*Sim
	rng   *rand.Rand
	user  *user
	nasty bool
	sizes int
}

// epoch is the first day on which generated content may have been made.
var epoch = time.Date(2023, time.January, 2, 9, 0, 0, 0, time.UTC)

// fill makes about one folder for eight files, and now and then a web link, a
// second version, tags or a description.
func (g *generator) fill(files int) {
	folders := []*item{root(g.user)}
	for i := range files {
		if i%8 == 0 {
			under := folders[g.rng.IntN(len(folders))]
			folders = append(folders, g.folder(under, g.name("", len(folders))))
		}
		in := folders[g.rng.IntN(len(folders))]
		it := g.file(in, g.name(pick(extensions, g.rng.IntN(len(extensions))), i))
		switch i % 10 {
		case 3:
			g.stack(g.user, it, g.content(g.size()))
			g.grow(it.Parent, it.Owner, it.current().Size-it.Versions[0].Size)
			it.ETag++
			it.Seq++
		case 5:
			it.Tags = []string{pick(words, g.rng.IntN(len(words)))}
		case 7:
			it.Description = pick(words, i) + " for the " + pick(words, i/3)
		case 9:
			g.link(in, fmt.Sprintf("Link %d", i), "https://example.com/"+pick(words, i))
		}
	}
}

func (g *generator) place(it *item, in *item) *item {
	it.Parent, it.Owner = in.ID, in.Owner
	it.CreatedBy, it.ModifiedBy = g.user.ID, g.user.ID
	it.Created = epoch.Add(time.Duration(g.rng.IntN(900*24)) * time.Hour)
	it.Modified = it.Created.Add(time.Duration(g.rng.IntN(48)) * time.Hour)
	it.ContentCreated, it.ContentModified = it.Created, it.Modified
	g.Sim.place(it)
	return it
}

func (g *generator) folder(in *item, name string) *item {
	return g.place(&item{ItemRef: FolderRef(g.nextID("folder")), Name: name}, in)
}

func (g *generator) link(in *item, name, url string) *item {
	return g.place(&item{ItemRef: WebLinkRef(g.nextID("web_link")), Name: name, URL: url}, in)
}

func (g *generator) file(in *item, name string) *item {
	it := &item{ItemRef: FileRef(g.nextID("file")), Name: name}
	g.stack(g.user, it, g.content(g.size()))
	return g.place(it, in)
}

// size is mostly a few kilobytes, sometimes nothing.
func (g *generator) size() int64 {
	g.sizes++
	if g.sizes%23 == 0 {
		return 0
	}
	return int64(g.rng.IntN(1<<(6+g.rng.IntN(8))) + 1)
}

// content makes new bytes, or now and then those of another file again.
func (g *generator) content(size int64) content {
	seed := g.rng.Uint64()
	if g.rng.IntN(12) == 0 {
		seed, size = 42, 4321
	}
	sum, err := g.contents.make(recipe{Text: g.rng.IntN(3) > 0, Seed: seed, Size: size})
	if err != nil {
		panic(err) // a recipe cannot fail
	}
	return content{SHA1: sum, Size: size}
}

func pick(list []string, i int) string { return list[i%len(list)] }

// name makes a name that no other item of the generator has.
func (g *generator) name(extension string, i int) string {
	if g.nasty && i%3 == 0 {
		return nastyName(i, extension)
	}
	return fmt.Sprintf("%s %s %d%s", pick(words, g.rng.IntN(len(words))), pick(words, g.rng.IntN(len(words))), i+1, extension)
}

var (
	extensions = []string{".txt", ".csv", ".md", ".dat", ".bin", ".json"}
	firstNames = []string{"Ada", "Ben", "Chloé", "Dmitri", "Eun-ji", "Fatima", "Grace", "Hiro", "Ingrid", "João", "Kofi", "Lena"}
	lastNames  = []string{"Lovelace", "Okafor", "Dubois", "Ivanov", "Kim", "Haddad", "Hopper", "Tanaka", "Nilsen"}
)
