/// What common passwords are made of. Each counts with digits and signs around it, and written with signs for letters.
///
/// Made by hand of what is known of such lists: words, names, teams, brands and walks; of those shorter than a password
/// may be, because they come with digits.
enum CommonWords {
    static let all: Set<String> = Set(
        [general, computing, people, world, sport, culture, otherLanguages, walks].flatMap { words in
            words.split(whereSeparator: \.isWhitespace).map(String.init)
        })

    private static let general = """
        password passwords passwort passw0rd pass passwd passcode passphrase passkey pwd mypassword mypass
        yourpassword thepassword newpassword oldpassword nopassword password1 trustno trustno1 default changeme
        changeit letmein letmeinnow openup opensesame sesame secret secrets topsecret mysecret private access
        accessgranted enter entry welcome welcomehome hello hellohello helloworld hi heythere goodbye goodmorning
        goodnight please thankyou thanks whatever whatsup nothing something anything everything everyone someone
        nobody anybody somebody me myself you yourself forever always never maybe sometimes today tomorrow yesterday
        tonight morning evening summer winter spring autumn january february march april may june july august
        september october november december monday tuesday wednesday thursday friday saturday sunday weekend holiday
        holidays vacation birthday christmas easter halloween newyear love lover lovers loveme loveyou lovely loverboy
        lovergirl iloveyou iloveu iloveme ilovehim iloveher iloveit ilovemyself ilovemom ilovedad ilovegod ilovejesus
        iloveyoubaby iloveyousomuch loveyouforever truelove mylove firstlove lovelove luv hate hatred hateyou ihateyou
        fuck fucker fucking fuckyou fuckoff fuckme fuckthis motherfucker shit bullshit asshole bastard bitch bitches
        damn hell sex sexy sexybaby sexygirl sexyboy sexual porn naked nude tits boobs boobies pussy penis dick
        dickhead cock cunt slut whore horny hardcore bigdick bigcock blowjob cumshot master masters mastermind boss
        bossman bigboss chief king kings queen queens prince princess princesa emperor hero heroes legend legendary
        champion champions winner winners loser losers lucky luckyone luckyday fortune money moneymaker cash dollar
        dollars million millionaire billion rich gold golden silver diamond diamonds pearl ruby crystal emerald
        sapphire platinum treasure freedom liberty justice peace peaceful happy happiness happyday behappy sad sadness
        angry crazy crazygirl crazyboy insane stupid idiot silly funny fun joker joke smile smiley laugh kiss kisses
        kissme hug hugs sweet sweetie sweety sweetheart sweetness sugar honey honeybee candy candyman cookie cookies
        chocolate vanilla caramel cupcake muffin pancake biscuit brownie cheese cheesecake butter bacon pizza burger
        hamburger chicken turkey beef steak banana bananas apple apples orange oranges cherry cherries strawberry
        blueberry blackberry raspberry peach peaches lemon lemonade melon watermelon mango pineapple coconut grape
        grapes pumpkin potato tomato pepper peppermint ginger cinnamon spicy salt coffee espresso tea beer beers wine
        whiskey whisky vodka tequila corona budweiser heineken guinness jackdaniels smirnoff bacardi drunk party baby
        babygirl babyboy babyblue babydoll babyface girl girls boy boys man men woman women lady ladies guy guys
        mother mommy mom mama mum mummy father daddy dad papa sister brother brothers son daughter family friend
        friends bestfriend bestfriends friendship buddy buddies angel angels angeleyes angelface devil devils demon
        demons satan lucifer heaven god goddess godisgood godislove jesus jesuschrist jesusislord christ christian
        bible faith hope grace blessed blessing bless amen pray prayer holy spirit soul church trinity trustnoone
        trust trustme believe dream dreams dreamer dreaming sunshine sunny sunset sunrise sun moon moonlight star
        stars starlight stardust sky skyblue cloud clouds rain rainbow snow snowball snowman snowflake ice iceman
        storm thunder thunderbolt lightning fire fireball firefly firebird firefox flame flames water ocean sea river
        lake beach island mountain forest tree trees flower flowers rose roses lily lilies daisy sunflower tulip
        violet jasmine orchid lotus garden earth planet universe galaxy space cosmos comet meteor eclipse nature
        natural animal animals dog doggy doggie dogs puppy puppies cat cats kitty kitten kittens pussycat horse horses
        pony ponies monkey monkeys gorilla tiger tigers tigger lion lions lionking panther leopard jaguar cheetah
        cougar wolf wolves wolfman wolfpack fox foxy bear bears teddybear teddy panda koala rabbit bunny bunnies
        hamster mouse rat snake cobra viper python dragon dragons dragonfly phoenix unicorn unicorns pegasus griffin
        eagle eagles falcon falcons hawk hawks raven ravens crow bird birds birdie parrot penguin penguins duck ducks
        rooster turtle turtles frog froggy fish fishes fishing fisherman shark sharks dolphin dolphins whale octopus
        lobster spider spiders scorpion scorpio bee bees butterfly butterflies ladybug elephant giraffe zebra buffalo
        bull bulls bulldog bulldogs cow cowboy cowboys cowgirl pig piglet sheep goat black blackie blackcat blackdog
        white red green blue bluebird bluesky yellow purple pink pinky brown grey gray indigo scarlet crimson shadow
        shadows dark darkness darkside darkangel darkknight light lights bright ghost ghosts zombie zombies vampire
        vampires witch magic magical magician wizard wizards warrior warriors knight knights soldier soldiers sniper
        hunter hunters killer killers assassin ninja ninjas samurai pirate pirates viking vikings spartan spartans
        gladiator titan titans trojan trojans ranger rangers rebel rebels outlaw bandit gangster gangsta thug playboy
        player players pimp hustler hacker hackers stranger danger dangerous terror monster monsters beast mutant
        alien aliens robot robots machine power powerful energy dynamite explosion bomb rocket missile bullet gun guns
        shotgun weapon sword blade knife hammer steel iron metal chrome copper carbon titanium plastic glass stone
        stones rock rocks rocky rockstar diamond1 marble granite crystal1 strong stronger strength super superman
        superstar supergirl superhero supersonic ultra ultimate extreme maximum mega turbo nitro boost speed speedy
        fast faster quick quicksilver rapid flash flashy racer racing driver trucker biker rider soccer doctor nurse
        teacher student students school highschool college university academy class lawyer police sheriff pilot
        captain sergeant general colonel major marine marines army navy airforce airborne military veteran america
        american usa patriot office manager company business service services support helpdesk customer guest visitor
        member user username login logon signin signup register account admin admin1 admins administrator
        administrators administration superuser sysadmin root toor operator supervisor moderator webmaster postmaster
        hostmaster backup test tests tester testing testtest test1 testpass testuser testaccount demo sample example
        temp temporary tempo trial random qwertz azerty orderline order orders shop shopping sales marketing finance
        invoice payment
        """

    private static let computing = """
        computer computers laptop desktop keyboard monitor printer internet intranet network networks server servers
        database oracle mysql postgres postgresql mongodb redis sql system systems windows window winxp microsoft
        linux ubuntu debian redhat fedora unix macintosh macbook iphone ipad ipod android samsung galaxys nokia
        motorola blackberry sony ericsson toshiba lenovo dell compaq hewlett packard siemens philips panasonic
        logitech nvidia geforce intel pentium athlon google gmail yahoo hotmail outlook facebook twitter instagram
        snapchat whatsapp linkedin youtube netflix spotify amazon ebay paypal bitcoin ethereum crypto blockchain
        wordpress joomla drupal github gitlab docker kubernetes jenkins ansible tomcat apache nginx cisco juniper
        router switch firewall security secure secured safe safety protect protection matrix cyber digital online
        offline download upload software hardware developer programmer engineer javascript java python3 swift kotlin
        html website webpage email mail mailbox phone telephone mobile cellphone camera video music musica mp3 radio
        television playstation xbox xboxlive nintendo gameboy wii sega dreamcast zelda mario luigi supermario pokemon
        pikachu charizard bulbasaur squirtle mewtwo sonic minecraft fortnite roblox warcraft worldofwarcraft starcraft
        diablo overwatch counterstrike halo callofduty blackops battlefield assassin1 skyrim fallout finalfantasy
        sephiroth cloudstrife kingdomhearts metalgear residentevil tombraider laracroft grandtheftauto gtasanandreas
        runescape leagueoflegends dota valorant gamer gamers gaming game games gameover highscore noob killer1
        headshot winner1 letsplay abc abcd abcde abcdef abc123 123abc a1b2c3 a1b2c3d4 aa aaa asd asdf qwe qwer qwert
        qwerty qwertyu zxc zxcv zxcvb zxcvbn iop jkl xyz xxx zzz aaaaaa
        """

    private static let people = """
        aaron abigail adam adrian adriana alan albert alberto alejandra alejandro alex alexa alexander alexandra
        alexandre alexandria alexis alfred alfredo ali alice alicia alison allison alyssa amanda amber amelia amy ana
        anastasia andre andrea andreas andrei andres andrew andy angela angelica angelina angelo angie anita ann anna
        anne annie anthony anton antonio april aria ariana arnold arthur ashley ashlee aubrey audrey austin ava
        barbara barry beatrice beatriz becky ben benjamin benny bernard beth bethany betty beverly bill billy billybob
        bob bobby bonnie brad bradley brandi brandon brandy brenda brendan brent brett brian briana brianna bridget
        britney brittany brittney brooke bruce bryan caitlin caleb calvin cameron camila camille candice carina carla
        carlo carlos carmen carol carolina caroline carolyn carrie casey cassandra cassie catherine cathy cecilia
        celeste cesar chad charlene charles charlie charlotte chase chelsea cheryl chester chloe chris chrissy
        christian christina christine christopher christy cindy claire clara clarence claudia clayton clifford clinton
        cody colin colleen connie connor corey courtney craig cristian cristina crystal curtis cynthia daisy dakota
        dale damian damien dan dana daniel daniela danielle danny darren dave david dawn dean deborah debbie denis
        denise dennis derek derrick desiree destiny diana diane diego dominic dominique don donald donna doris dorothy
        doug douglas duncan dustin dylan eddie edgar eduardo edward edwin eileen elaine elena eleanor eli elijah elisa
        elisabeth elizabeth ella ellen ellie elvis emily emma emmanuel enrique eric erica erick erika erin ernest
        esther ethan eugene eva evan evelyn fabian faith felicia felix fernanda fernando fiona florence frances
        francesca francesco francis francisco frank frankie franklin fred freddie freddy frederick gabriel gabriela
        gabriella gabrielle gary gavin genesis geoffrey george georgia gerald gerard gilbert gina giovanni gloria
        gordon grace graham grant greg gregory guillermo gustavo hannah harley harold harriet harrison harry harvey
        heather hector heidi helen helena henry herbert holly howard hugo hunter ian igor ilovejohn irene iris isaac
        isabel isabella isaiah ivan jack jackie jackson jacob jacqueline jade jaime jake james jamie jan jane janet
        janice jared jasmin jasmine jason javier jay jean jeff jeffrey jen jenna jennifer jenny jeremiah jeremy jerome
        jerry jesse jessica jessie jill jim jimmy joan joanna joanne joe joel joey john johnny johnson johnathan jon
        jonathan jordan jordan23 jorge jose joseph josephine josh joshua joyce juan juanita judith judy julia julian
        juliana julie juliet julio justin justine kaitlyn karen karina karl karla kate katelyn katherine kathleen
        kathryn kathy katie katrina kayla keith kelley kelly kelsey ken kenneth kenny kerry kevin kim kimberly kirsten
        kristen kristin kristina kristine kurt kyle lance larry laura lauren laurence lawrence leah lee lena leo leon
        leonard leonardo leslie lewis liam lillian linda lindsay lindsey lisa liverpool logan lois lola lorenzo
        loretta lori louis louise luca lucas lucia lucy luis luisa luke luna lydia lynn mackenzie madeleine madeline
        madison maggie malcolm manuel marc marcel marcela marco marcos marcus margaret maria mariah mariana marie
        marilyn marina mario marion marisol marissa marjorie mark marlene marlon marsha martha martin martina marvin
        mary maryjane mason mateo matt matthew maureen maurice max maxim maxime maximus maxwell megan melanie melissa
        mercedes meredith mia micah michael michaela michel michele michelle miguel mike mikey mila mildred miles
        mindy miranda mitchell mohamed mohammad mohammed moises molly monica monique morgan muhammad mustafa nadia
        nancy naomi natalia natalie natasha nathan nathaniel neil nelson nicholas nick nicky nicola nicolas nicole
        nikita nikki nina noah noel nora norma norman olga oliver olivia omar oscar owen pablo paige pamela paola pat
        patricia patrick patty paul paula pauline pedro peggy penelope penny perry pete peter phil philip phillip
        phoebe preston priscilla rachel rafael ralph ramon randall randy raquel raul ray raymond rebecca regina renee
        ricardo richard rick ricky riley rita rob robbie robert roberta roberto robin rocio rodney rodrigo roger
        roland roman ron ronald ronaldo ronnie rosa rosario rosemary ross roxanne roy russell ruth ryan sabrina sally
        sam samantha samson samuel sandra sandy santiago sara sarah sasha savannah scott sean sebastian serena sergio
        seth shane shannon sharon shaun shawn sheila shelby sherry shirley sierra silvia simon simone sofia sonia
        sophia sophie spencer stacey stacy stanley stefan stefanie stella stephanie stephen steve steven stewart
        stuart sue summer susan suzanne sydney sylvia tamara tammy tanya tara tatiana taylor teresa terrance terry
        thelma theodore theresa thomas tiffany tim timothy tina todd tom tommy toni tony tracey tracy travis trevor
        trinity tristan tyler tyrone valentin valentina valentine valerie vanessa vera veronica vicky victor victoria
        vincent viola violet virginia vivian vladimir walter wanda warren wayne wendy wesley whitney will william
        williams willie wilson winston xavier yolanda yvonne zachary zoe
        """

    private static let world = """
        africa alabama alaska alberta amsterdam argentina arizona arkansas asia athens atlanta atlantic atlantis
        australia austria baltimore bangkok barcelona beijing belgium berlin birmingham bogota bolivia boston brasil
        brazil brisbane bristol britain brooklyn brussels bucharest budapest buenosaires bulgaria cairo calgary
        california cambodia cambridge camelot canada cancun caracas cardiff caribbean carolina charlotte chicago chile
        china cincinnati cleveland colombia colorado columbia columbus connecticut copenhagen croatia cuba cyprus
        dallas delaware delhi denmark denver detroit dubai dublin ecuador edinburgh egypt england europe finland
        florence florida france frankfurt geneva georgia germany ghana glasgow greece guatemala hamburg havana hawaii
        helsinki holland hollywood honduras hongkong houston hungary iceland idaho illinois india indian indiana
        indonesia iowa iran iraq ireland irish israel istanbul italia italian italy jakarta jamaica japan japanese
        jerusalem jordan kansas kentucky kenya kiev korea kuwait lagos lasvegas latvia lebanon liberia lisbon
        lithuania london londonengland longbeach losangeles louisiana luxembourg madrid maine malaysia malta
        manchester manhattan manila maryland massachusetts melbourne memphis mexicali mexico miami michigan milano
        milwaukee minnesota mississippi missouri montana monaco montreal morocco moscow mumbai munich myanmar
        nashville nebraska nepal netherlands nevada newcastle newjersey newmexico neworleans newyork newyorkcity
        newzealand nicaragua nigeria norway oakland ohio oklahoma ontario oregon orlando oslo ottawa oxford pacific
        pakistan palestine panama paraguay paris pennsylvania peru philadelphia philippines phoenix pittsburgh poland
        polska portland portugal prague puertorico quebec rome romania russia russian sacramento salvador sandiego
        sanfrancisco santiago saopaulo scotland scottish seattle serbia shanghai siberia sicily singapore slovakia
        slovenia spain spanish stockholm sweden swedish switzerland sydney syria taiwan tehran telaviv tennessee texas
        thailand tokyo toronto tunisia turkey ukraine uruguay utah vancouver vegas venezuela venice vermont vienna
        vietnam virginia wales warsaw washington wisconsin wyoming yorkshire yugoslavia zimbabwe zurich
        """

    private static let sport = """
        football footballer baseball basketball volleyball softball handball hockey icehockey tennis golf golfer
        golfing rugby cricket boxing boxer wrestling wrestler karate judo taekwondo kickboxing running runner swimming
        swimmer cycling skating skater skateboard snowboard snowboarding skiing surfing surfer surf diving climbing
        hiking gymnast gymnastics cheerleader cheer coach quarterback goalkeeper goalie striker defender arsenal
        arsenalfc chelseafc liverpoolfc manutd manunited manchesterunited manchestercity mancity tottenham everton
        celtic rangersfc astonvilla westham newcastleunited leeds leedsunited realmadrid barca fcbarcelona atletico
        valencia sevilla juventus inter intermilan acmilan milan roma napoli lazio bayern bayernmunich borussia
        dortmund schalke werder hamburger ajax psv feyenoord benfica porto sporting galatasaray fenerbahce besiktas
        spartak dynamo zenit corinthians flamengo palmeiras santos saopaulofc gremio bocajuniors riverplate chivas
        americaaguila messi cristiano ronaldinho neymar zidane beckham rooney gerrard kaka maradona pele lakers
        celtics bulls knicks heat spurs mavericks warriors rockets pistons pacers yankees redsox mets cubs whitesox
        dodgers giants angels padres athletics braves phillies cardinals astros orioles steelers patriots packers
        cowboys49 raiders broncos chargers seahawks redskins eagles1 dolphins bears vikings saints falcons panthers
        buccaneers jets bills browns bengals colts texans jaguars titans chiefs redwings bruins blackhawks canadiens
        mapleleafs flyers penguins oilers flames canucks senators sabres devils islanders capitals lightning
        michaeljordan kobebryant kobe lebron lebronjames tigerwoods schumacher senna ferrari lamborghini porsche
        mercedes mercedesbenz bmw audi volkswagen volvo toyota honda hondacivic nissan mazda mitsubishi subaru suzuki
        yamaha kawasaki ducati harleydavidson harley ford fordf150 mustang mustanggt chevrolet chevy camaro corvette
        dodge viper jeep hummer cadillac buick pontiac firebird chrysler peugeot renault citroen fiat alfaromeo jaguar
        landrover rangerover bentley rollsroyce bugatti maserati tesla nascar formula1 motocross motorcycle motorbike
        adidas nike reebok puma jordans
        """

    private static let culture = """
        starwars startrek skywalker lukeskywalker darthvader vader yoda jedi jedimaster sith anakin obiwan chewbacca
        hansolo millenniumfalcon stormtrooper bobafett r2d2 c3po enterprise picard spock kirk klingon voyager babylon5
        stargate battlestar terminator predator robocop batman robin catwoman batmobile spiderman ironman wolverine
        hulk thor captain1 captainamerica avengers xmen deadpool joker1 superman1 wonderwoman aquaman greenlantern
        marvel dccomics simpsons homer homersimpson bart bartman bartsimpson marge lisa southpark cartman familyguy
        futurama spongebob squarepants patrickstar garfield snoopy charliebrown scooby scoobydoo tweety sylvester
        bugsbunny daffyduck mickey mickeymouse minnie minniemouse donaldduck goofy pluto disney disneyland disneyworld
        tinkerbell cinderella snowwhite ariel simba nemo findingnemo shrek pooh winniethepooh eeyore bambi dumbo
        pinocchio aladdin jasmine mulan pocahontas elsa frozen hellokitty barbie naruto sasuke sakura goku vegeta
        dragonball dragonballz inuyasha bleach ichigo onepiece luffy sailormoon doraemon totoro harrypotter hermione
        dumbledore voldemort hogwarts gryffindor slytherin hufflepuff ravenclaw quidditch lordoftherings gandalf frodo
        bilbo aragorn legolas gollum sauron mordor hobbit hobbits elvish middleearth narnia aslan twilight
        edwardcullen bellaswan gameofthrones winterfell stark lannister targaryen khaleesi jonsnow walkingdead
        breakingbad heisenberg dexter sherlock sherlockholmes jamesbond bond007 goldfinger goldeneye missionimpossible
        topgun maverick rambo rocky scarface godfather corleone titanic jurassicpark indianajones pulpfiction
        fightclub americanpie matrix1 neo trinity1 morpheus metallica nirvana slipknot linkinpark greenday blink
        blink182 korn limpbizkit systemofadown rammstein ironmaiden blacksabbath megadeth pantera slayer acdc
        gunsnroses aerosmith bonjovi ledzeppelin pinkfloyd floyd beatles thebeatles johnlennon lennon rollingstones
        rollingstone queen1 u2 coldplay radiohead oasis depeche depechemode thecure prodigy daftpunk gorillaz pearljam
        soundgarden foofighters redhotchilipeppers offspring paramore evanescence mychemicalromance fallout fallouboy
        tokiohotel backstreet backstreetboys nsync spicegirls onedirection justinbieber bieber jonasbrothers
        mileycyrus hannahmontana selena selenagomez taylorswift ladygaga katyperry rihanna beyonce britneyspears
        christinaaguilera madonna michaeljackson elvispresley bobmarley marley eminem slimshady tupac 2pac biggie
        notorious snoopdogg 50cent jayz kanye kanyewest lilwayne drake wutang hiphop rapper rap reggae rasta rastaman
        heavymetal punk punkrock punkrocker emo gothic techno trance hardstyle jazz blues guitar guitarist guitarman
        drum drummer drums bass bassman piano violin trumpet saxophone singer dance dancer dancing ballet ballerina
        theater theatre movie movies film actor actress artist painter picasso davinci mozart beethoven bach chopin
        shakespeare hamlet romeo juliet romeoandjuliet macbeth einstein newton galileo tesla edison darwin plato
        aristotle socrates napoleon caesar cleopatra alexander1 spartacus achilles hercules zeus apollo athena
        poseidon hades ares hermes odin loki osiris isis anubis ramses buddha krishna shiva ganesh allah islam muslim
        mohammed1 jehovah moses abraham solomon samson goliath david1 noah1 gabriel1 michael1 raphael uriel
        """

    private static let otherLanguages = """
        contrasena contraseña clave secreto hola holahola amor amores amorcito teamo tequiero teamomucho mivida miamor
        corazon princesita hermosa hermoso bonita bonito chiquita chiquito gatito gatita perrito perro gato estrella
        luna cielo sol flor mariposa angelito bebe bebita futbol campeon mexicano colombiano argentina1 venezuela1
        dios jesucristo familia amigos amigo amiga siempre nunca felicidad feliz vida libertad passwort passwörter
        geheim hallo hallohallo hallowelt willkommen schatz schatzi liebe ichliebedich liebling engel sonne
        sonnenschein mond stern sommer winter fruehling herbst katze hund pferd schmetterling fussball fußball
        deutschland oesterreich schweiz schalke04 hamburger1 bayern1 mama1 papa1 kennwort anmeldung benutzer
        administrator1 motdepasse bonjour salut azertyuiop jetaime soleil doudou chouchou loulou minou chocolat coucou
        amour monamour marseille toulouse lyon parissaint senha brasil1 senhasenha flamengo1 palmeiras1 vitoria
        saudade felicidade familia1 deus jesus1 amorzinho gatinha benvenuto ciao ciaociao amore amoremio tiamo tesoro
        stella juventus1 forzainter forzamilan wachtwoord welkom hallo1 geheim1 voetbal schatje liefde haslo qwerty1
        kochanie kasia marcin monika polska1 parol privet lyubov natasha1 rossiya spartak1 sifre ankara istanbul1
        galatasaray1 askim seviyorum heslo ahoj slunicko heslo1 jelszo szeretlek lösenord losenord hejsan sommar
        sverige salasana kulli suomi kodeord danmark passord norge hemmelig sayang cinta bismillah rahasia indonesia1
        alhamdulillah subhanallah assalamualaikum woaini woaini1314 nihao zhongguo aini sakura1 arigato aishiteru
        saranghae annyeong mahal mahalko mahalkita iloveyou1 pilipinas
        """

    /// Walks that are not found by going from key to key, and numbers with a meaning.
    private static let walks = """
        1q2w3e 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qazxsw2 2wsx3edc zaq12wsx zaq1zaq1 zaq1xsw2 qazwsx qazwsxedc
        q1w2e3 q1w2e3r4 q1w2e3r4t5 qaz123 wsx123 qwe123 qwer1234 qweasd qweasdzxc asdqwe asdzxc zxcasdqwe asd123
        zxc123 1a2b3c 1a2b3c4d a1s2d3f4 147258369 147258 159357 159753 159753456 258456 741852963 741852 789456123
        789456 456789123 963852741 852456 987654321 0987654321 9876543210 1234567890 0123456789 123123123 123321
        123321123 11223344 1122334455 112233 102030 10203040 1020304050 13579 1357924680 135792468 24681012 246810
        31415926 314159265 27182818 12345678910 1234512345 12341234 123454321 1234554321 12344321 007007 00700700
        69696969 696969 420420 42042069 666666 131313 121212 101010 10101010 01010101 19841984 20002000 88888888
        99999999 55555555 77777777 p@ssw0rd pa55word passw0rd1 adm1n r00t t3st l0ve
        """
}
